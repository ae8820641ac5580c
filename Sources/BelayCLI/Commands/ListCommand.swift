import ArgumentParser
import BelayBase
import BelayCore
import Foundation

struct ListCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the archives in the store, oldest first.",
    discussion: """
      Shows the age, size, kind and last proof of each archive, whether it is pinned, and its target. A proof is the \
      highest level at which the archive was verified, and when; `none` if it was not.

      Example:
        belay list --target shop --kind before-migration --newer-than 31d
      """)

  @OptionGroup var filter: ArchiveFilter
  @OptionGroup var repository: RepositoryOption
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let settings = try session.settings(try session.configuration(), repository)
    let now = Date()
    let shelf = StoreShelf(settings)
    let all = try shelf.archives()
    let archives = all.filter { filter.includes($0, age: $0.age(now: now)) }
    let rows = archives.map { Self.row($0, now: now) }
    let table = TextTable(header: ["archive", "age", "size", "kind", "proof", "pin", "target"], rows: rows, whole: 0)
    var blocks = table.blocks(fitting: session.renderer.columns)
    let header = blocks.removeFirst()
    for (index, archive) in archives.enumerated() {
      // A row of the table each; the header stands above the first.
      session.renderer.show(archive, as: (index == 0 ? header : []) + blocks[index])
    }
    let count = Counted.text(archives.count, "archive")
    return session.end(
      RunResult(
        .done,
        archives.count == all.count ? "\(count) in \(shelf.location)" : "\(count) of \(all.count) in \(shelf.location)")
    )
  }

  private static func row(_ archive: ArchiveSummary, now: Date) -> [String] {
    let count = Counted.sum(archive.tables.map(\.rows))
    let content =
      archive.isSealed == true
      ? "tables encrypted"
      : "\(Counted.text(archive.tables.count, "table")), \(Wording.count(count)) \(count == 1 ? "row" : "rows")"
    let about =
      archive.damage.map { archive.isOutOfReach == true ? "CANNOT BE READ: \($0)" : "DAMAGED: \($0)" }
      ?? archive.failedVerification.map { "\(archive.target): FAILED its verification: \($0)" }
      ?? "\(archive.target), \(content)\(archive.scope == nil ? "" : ", a part")"
    return [
      archive.id, archive.age(now: now).map(DurationText.age) ?? "-", ByteCount.text(archive.bytes),
      archive.kind ?? "-", archive.proofText(now: now), archive.pin == nil ? "" : "pinned", about,
    ]
  }
}

extension ArchiveSummary {
  /// "restore, 3 h ago"
  func proofText(now: Date) -> String {
    if isOutOfReach == true { return "unknown" }
    if damage != nil || failedVerification != nil { return "FAILED" }
    return proof?.text(now: now) ?? "none"
  }
}

extension ArchiveSummary.Proof {
  func text(now: Date) -> String {
    let age = Moment.parse(at).map { "\(DurationText.age(Int(now.timeIntervalSince($0)))) ago" }
    return "\(level.rawValue), \(age ?? at)"
  }
}
