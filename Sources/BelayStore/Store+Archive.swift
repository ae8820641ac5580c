import BelayArchive
import BelayBase
import SystemPackage

extension Store {
  /// What a person types is the path of a file: `latest:postgres://…` is none.
  package static func isPath(_ typed: String) -> Bool { !namesByAge(typed) && ArchiveName.isPath(typed) }

  /// `latest` or `oldest`, with or without a target.
  package static func namesByAge(_ typed: String) -> Bool {
    ["latest", "oldest"].contains { typed == $0 || typed.hasPrefix("\($0):") }
  }

  /// The archive that a person names: its id, a beginning of it that no other has, the path of a file, or `latest` or
  /// `oldest`, which can name the target too: `latest:shop`.
  ///
  /// `latest` and `oldest` never mean what belay saved by itself before it put a database back. Where there are archives of
  /// several targets, they need the target's name.
  /// - Parameter acceptingFailed: one that has failed its verification may be `latest` too: for who only looks at it.
  package func archive(_ id: String, acceptingFailed: Bool = false) throws(BelayError) -> ArchiveEntry {
    guard Self.namesByAge(id) else { return try shelf.resolve(id) }
    let (end, rest) = (id.prefix(6), id.dropFirst(6))
    let target = rest.isEmpty ? nil : String(rest.dropFirst())
    let candidates = try archivesByAge().map { Candidate($0) }.filter { $0.isBackup && $0.isOf(target) }
    guard let found = end == "latest" ? candidates.last : candidates.first else {
      let what = target.map { " of \($0)" } ?? ""
      throw BelayError(
        .notFound, "there is no backup\(what) in \(shelf.location)",
        hint: "`belay list` shows the archives; `belay backup` makes one")
    }
    var names: [String: String] = [:]
    for record in candidates.compactMap(\.target) { names[record.identity] = record.name ?? record.url }
    guard names.count <= 1 || target != nil else {
      let sorted = names.values.sorted()
      throw BelayError(
        .usage, "`\(end)` is not clear: the store has archives of \(names.count) targets",
        hint: "type the id, or \(end):NAME", state: "nothing was done", causes: sorted.map { "\(end):\($0)" })
    }
    if !acceptingFailed, let failure = runs.proofs(of: found.entry.id, manifest: found.manifestSHA256).failure {
      throw BelayError(
        .verificationFailed, "\(found.entry.id), the \(end) backup, has failed its verification: \(failure)",
        hint: "`belay list` shows the others; to use this one all the same, type its id", state: "nothing was done")
    }
    return found.entry
  }

  /// The newest backup of a whole database that has not failed a verification, without what belay saved by itself before it
  /// put one back; nil: there is none.
  /// - Parameter identity: the database's.
  package func newestWhole(of identity: String) throws(BelayError) -> ArchiveEntry? {
    try archivesByAge().last { entry in
      // What cannot be read is not offered.
      guard let reader = try? entry.open() else { return false }
      let manifest = reader.manifest
      return manifest.target.identity == identity && manifest.scope == nil && manifest.kind.isBackup
        && runs.proofs(of: entry.id, manifest: reader.manifestSHA256).failure == nil
    }
  }
}

private struct Candidate {
  let entry: ArchiveEntry
  /// nil: it cannot be read. That it is the latest is to be said, and not hidden by taking an older one.
  let target: TargetRecord?
  let isBackup: Bool
  let manifestSHA256: String?

  init(_ entry: ArchiveEntry) {
    self.entry = entry
    let reader = try? entry.open()
    target = reader?.manifest.target
    isBackup = reader?.manifest.kind.isBackup ?? true
    manifestSHA256 = reader?.manifestSHA256
  }

  func isOf(_ name: String?) -> Bool {
    guard let name, let target else { return true }
    return name == target.name || name == target.url
  }
}
