import BelayBase
import BelayStore
import BelayText
import Foundation

/// How the backups of one target stand.
struct TargetStatus: Encodable {
  /// How old things may be, in seconds; nil: as old as they like.
  struct Limits {
    var age: Int?
    var proofAge: Int?
    /// How many archives may be there that no rule keeps; nil: any number.
    var removable: Int?
  }

  let event = "target_status"
  /// The name in belay.yaml, or the URL without secrets.
  let target: String
  let url: String?
  /// The newest good backup; nil: there is none.
  let archive: String?
  /// Of that, in seconds.
  let age: Int?
  let bytes: UInt64?
  let formats: [String]
  /// The last time that a good backup of the target was proven at the highest level that any was.
  let proof: ArchiveSummary.Proof?
  let proofAge: Int?
  /// What `belay prune` would remove now.
  let removableArchives: Int
  let removableBytes: UInt64
  /// Empty: all is well.
  let problems: [String]
  let last: ArchiveSummary?

  private enum CodingKeys: String, CodingKey {
    case event, target, url, archive, age, bytes, formats, proof, proofAge, removableArchives, removableBytes, problems
  }

  /// - Parameter named: the targets of belay.yaml: one without a backup is listed too.
  static func all(
    _ shelf: StoreShelf, named: [String], retention: RetentionSettings, limits: Limits, now: Date
  ) throws(BelayError) -> [TargetStatus] {
    let archives = try shelf.archives()
    let removed = try shelf.retention(retention, now: now).filter(\.isRemoved)
    let troubles = try shelf.troubles()
    let byTarget = Dictionary(grouping: archives.filter(\.isGoodBackup), by: \.target)
    let unhappy = troubles.filter { trouble in !archives.contains { $0.targetURL == trouble.url } }.map(\.url)
    let names = Set(byTarget.keys).union(named).sorted() + Set(unhappy).sorted()
    return names.map { name in
      TargetStatus(
        name, byTarget[name] ?? [], removed: removed.filter { $0.target == name }, troubles: troubles, limits: limits,
        now: now)
    }
  }

  /// - Parameter backups: the good ones, oldest first.
  private init(
    _ name: String, _ backups: [ArchiveSummary], removed: [RetentionDecision], troubles: [BackupTrouble],
    limits: Limits, now: Date
  ) {
    target = name
    last = backups.last
    url = last?.targetURL
    archive = last?.id
    age = last?.age(now: now)
    bytes = last?.bytes
    formats = last?.formats ?? []
    let proofs = backups.compactMap(\.proof)
    let highest = proofs.map(\.level).max()
    proof = proofs.filter { $0.level == highest }.max { $0.at < $1.at }
    proofAge = proof.flatMap { Moment.parse($0.at) }.map { Int(now.timeIntervalSince($0)) }
    removableArchives = removed.count
    removableBytes = Counted.sum(removed.map(\.bytes))
    var problems: [String] = []
    if last == nil { problems.append("no backup") }
    let identity = last?.targetIdentity
    for trouble in troubles
    where [name, url].contains(trouble.url) || (identity != nil && trouble.identity == identity) {
      problems.append("failed at \(trouble.at): \(trouble.what)")
    }
    if let limit = limits.age, last != nil, age.map({ $0 > limit }) ?? true {
      problems.append("the last backup is older than \(DurationText.text(limit))")
    }
    if let limit = limits.proofAge, last != nil {
      if proof?.level != .restore {
        problems.append("no backup is proven by restoring: `belay verify ID --level restore`")
      } else if proofAge.map({ $0 > limit }) ?? true {
        problems.append("the last proof by restoring is older than \(DurationText.text(limit))")
      }
    }
    self.problems = problems
  }

  /// They are known only with a key where the manifest is encrypted.
  private var formatsText: String {
    last?.isSealed == true ? "formats encrypted" : formats.joined(separator: ", ")
  }
  private var ageText: String { age.map(DurationText.age) ?? "of unknown age" }
  private func proofText() -> String {
    guard let proof else { return "not proven" }
    return "\(proof.level.rawValue), \(proofAge.map { "\(DurationText.age($0)) ago" } ?? proof.at)"
  }
  private var retentionText: String? {
    removableArchives == 0
      ? nil
      : "\(Counted.text(removableArchives, "archive")) (\(ByteCount.text(removableBytes))) to remove: `belay prune`"
  }

  /// One line, and one for each thing that a person must know.
  var lines: [String] {
    guard let last else { return ["no backup    \(target)"] + more.filter { $0 != "no backup" }.map(Self.indented) }
    return [
      "last backup  \(last.id)  \(ageText) old  \(ByteCount.text(last.bytes)): \(formatsText)  "
        + "proof: \(proofText())  \(target)"
    ] + more.map(Self.indented)
  }

  private var more: [String] { problems + (retentionText.map { [$0] } ?? []) }

  private static func indented(_ text: String) -> String { "             \(text)" }

  static func markdown(_ targets: [TargetStatus]) -> [String] {
    let header = ["target", "last backup", "age", "size", "formats", "last proof", "remarks"]
    let rows = targets.map { status in
      [
        cell(status.target), status.archive.map(cell) ?? "none", status.last == nil ? "" : status.ageText,
        status.bytes.map { ByteCount.text($0) } ?? "", status.formatsText, status.proofText(),
        status.more.map(cell).joined(separator: "; "),
      ]
    }
    return ([header, header.map { _ in "---" }] + rows).map { "| \($0.joined(separator: " | ")) |" }
  }

  /// Names and messages that others chose: a bar would end the cell, and a mark of Markdown would be one.
  private static func cell(_ text: String) -> String {
    var shown = ""
    for character in VisibleText.line(text) {
      if "\\`*_[]<>|#&~".contains(character) { shown.append("\\") }
      shown.append(character)
    }
    return shown
  }
}
