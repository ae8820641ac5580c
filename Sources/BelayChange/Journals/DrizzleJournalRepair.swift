import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// What `meta/_journal.json` has to say of a folder of drizzle-kit's 0.x: an entry for each file, in the order of their
/// names. When a migration was made tells the ledger, by the hash of its file; else the journal that is there.
struct DrizzleJournalRepair {
  let journal: DrizzleJournal
  /// It differs from the one that is there, or there is none.
  let isChanged: Bool
  /// What is different, for people: a line each.
  let changes: [String]
  let findings: [Finding]
  /// Rows of the ledger that have no hash, and the one of their file.
  let hashes: [(moment: String, hash: String)]

  /// A row of the ledger.
  struct Row {
    let hash: String
    /// Milliseconds since 1970.
    let moment: Int64
  }

  private struct File {
    let tag: String
    let own: String
    let checksums: Set<String>
  }

  /// - Parameters:
  ///   - dialect: of the target, for a folder that does not say.
  ///   - table: the ledger, for messages.
  init(
    _ folder: ToolFolder, rows: [Row], dialect: String, table: String, now: Date
  ) throws(BelayError) {
    let found = try folder.hasJournal ? DrizzleJournal.salvaged(folder) : nil
    let present = found?.journal
    let files = try Self.files(folder)
    try Self.refuse(present, files, folder)
    let snapshots = Self.snapshots(folder)
    let dialect = present?.dialect ?? snapshots.values.compactMap(\.dialect).first ?? dialect
    var entries: [DrizzleJournal.Entry] = []
    var changes: [String] = []
    var findings: [Finding] = []
    var hashes: [(moment: String, hash: String)] = []
    var rest = rows.sorted { $0.moment < $1.moment }
    let newest = rest.last?.moment ?? 0
    for (index, file) in files.enumerated() {
      let old = present?.entries.first { $0.tag == file.tag }
      let row =
        rest.firstIndex { file.checksums.contains($0.hash) }
        ?? rest.firstIndex { $0.moment == old?.when }
      let last = entries.last?.when ?? 0
      var when = old?.when ?? 0
      if let row {
        let applied = rest.remove(at: row)
        when = applied.moment
        if !Self.isHash(applied.hash) {
          hashes.append((String(applied.moment), file.own))
        } else if !file.checksums.contains(applied.hash) {
          findings.append(
            Finding(
              .warning, source: "journal", rule: "changed", subject: file.tag + ".sql",
              message: "was changed after it was applied: \(table) has another hash, which stays",
              hint: "restore the old text and make the change in a new file"))
        }
      } else if when <= last || when <= newest {
        // It has not run, and Drizzle would pass it over.
        when = max(Int64(now.timeIntervalSince1970 * 1000), last + 1, newest + 1)
      }
      let prefix = String(file.tag.prefix { $0 != "_" })
      if snapshots[prefix] == nil {
        findings.append(
          Finding(
            .warning, source: "journal", rule: "no-snapshot", subject: file.tag + ".sql",
            message: "has no meta/\(prefix)_snapshot.json",
            hint: "get it back from version control: drizzle-kit compares the schema with the newest one"))
      }
      let entry = DrizzleJournal.Entry(
        idx: index, version: old?.version ?? snapshots[prefix]?.version ?? (dialect == "postgresql" ? "7" : "6"),
        when: when, tag: file.tag, breakpoints: old?.breakpoints ?? present?.entries.first?.breakpoints ?? true)
      entries.append(entry)
      if let line = Self.change(from: old, to: entry, isApplied: row != nil) { changes.append(line) }
    }
    if let row = rest.first { throw Self.unknown(row, rest.count, table, folder) }
    journal = DrizzleJournal(version: present?.version ?? "7", dialect: dialect, entries: entries)
    isChanged = found?.isWhole != true || present != journal
    if isChanged, changes.isEmpty { changes.append("the journal is written anew, with the same entries") }
    (self.changes, self.findings, self.hashes) = (changes, findings, hashes)
  }

  // MARK: The folder

  private static func files(_ folder: ToolFolder) throws(BelayError) -> [File] {
    var files: [File] = []
    for name in folder.sqlFiles.sorted(by: MigrationFile.precedes) where MigrationFile.version(of: name) != nil {
      let checksums = FileChecksums(try folder.file(name).bytes, by: BelayArchive.sha256)
      files.append(File(tag: String(name.dropLast(4)), own: checksums.own, checksums: checksums.all))
    }
    guard files.isEmpty else { return files }
    throw BelayError(
      .notFound, "there is no migration of drizzle-kit's in \(folder.path), such as 0000_name.sql",
      hint: "name the folder with --dir", state: "nothing was written")
  }

  private static func refuse(
    _ present: DrizzleJournal?, _ files: [File], _ folder: ToolFolder
  ) throws(BelayError) {
    let tags = Set(files.map(\.tag))
    guard let gone = present?.entries.first(where: { !tags.contains($0.tag) }) else { return }
    throw BelayError(
      .refused, "\(gone.tag).sql is in \(DrizzleJournal.path), and there is no such file in \(folder.path)",
      hint: "get it back from version control, or take its entry out of the journal by hand if it never ran",
      state: "nothing was written")
  }

  private struct Snapshot: Decodable {
    var version: String?
    var dialect: String?
  }

  /// By the number in front.
  private static func snapshots(_ folder: ToolFolder) -> [String: Snapshot] {
    var found: [String: Snapshot] = [:]
    for name in folder.listing.folders["meta"] ?? [] {
      guard let match = name.wholeMatch(of: /([0-9]+)_snapshot\.json/) else { continue }
      let text = try? folder.file("meta/" + name).sql
      // One that cannot be read tells nothing, but is there.
      found[String(match.1)] =
        text.flatMap { try? JSONDecoder().decode(Snapshot.self, from: Data($0.utf8)) } ?? Snapshot()
    }
    return found
  }

  private static func isHash(_ text: String) -> Bool {
    text.count == 64 && text.allSatisfy(\.isHexDigit)
  }

  private static func change(
    from old: DrizzleJournal.Entry?, to new: DrizzleJournal.Entry, isApplied: Bool
  ) -> String? {
    let why = isApplied ? "as in the ledger" : "it has not run"
    guard let old else { return "\(new.tag): added, with the moment \(new.when) (\(why))" }
    if old.when != new.when { return "\(new.tag): its moment is \(new.when), not \(old.when) (\(why))" }
    return old.idx == new.idx ? nil : "\(new.tag): its place is \(new.idx), not \(old.idx)"
  }

  private static func unknown(_ row: Row, _ count: Int, _ table: String, _ folder: ToolFolder) -> BelayError {
    BelayError(
      .refused,
      "\(table) has \(Counted.text(count, "migration")) of which no file in \(folder.path) has the hash or the moment: "
        + "the first is of \(Moment.iso(Date(timeIntervalSince1970: Double(row.moment) / 1000))), "
        + (isHash(row.hash) ? "with the hash \(row.hash)" : "and has no hash"),
      hint: "is this the right folder, and the right branch? get the files or the journal back from version control",
      state: "nothing was written")
  }
}
