/// What an archive contains, and what it was made from: the first member of every archive.
///
/// Two readers need it: `belay`, which proves a restore against its digests, and a person with nothing but a text editor.
package struct Manifest: Codable, Sendable, Equatable {
  /// The newest archive format that this belay reads. It writes the oldest that does: 1; and 2 where members are encrypted, or
  /// for a part of a database, so that no belay that does not know of parts takes it for the whole.
  package static let currentFormat = 2

  package var format: Int
  /// The archive's file name without `.tar`.
  package var id: String
  /// ISO 8601, UTC, to the second: `2026-11-20T14:30:22Z`. Also the mtime of every member.
  package var createdAt: String
  package var belayVersion: String
  package var target: TargetRecord
  /// Every member except `manifest.json` and `SHA256SUMS`. The writer fills it in.
  package var members: [MemberRecord]
  package var tables: [TableRecord]
  /// For whom the members are encrypted; nil: they are stored in clear. The writer fills it in.
  package var encryption: EncryptionRecord?
  /// SHA-256 of schema.json as it is stored, as hex; empty if there is none. The writer fills it in.
  package var schemaSHA256: String
  /// Ways to restore by hand with the engine's own client, line by line, for README.txt.
  package var restore: [String]
  /// The engine's own bookmark of the backup's instant, if it has bookmarks; nil: none is known.
  package var bookmark: String?
  /// Why belay took it by itself: `before-migration`; or `before-rollback`, `before-recovery` or `before-swap`, to save what
  /// was there before it put a database back. nil: a backup that somebody asked for.
  package var purpose: String?
  /// What is not in it; nil: it is of the whole database.
  package var scope: ScopeRecord?
  /// What a reader should know, e.g. that something could not be backed up. Also in README.txt.
  package var notes: [String]

  package init(
    id: String, createdAt: String, belayVersion: String, target: TargetRecord, tables: [TableRecord] = [],
    restore: [String] = [], bookmark: String? = nil, purpose: String? = nil, scope: ScopeRecord? = nil,
    notes: [String] = []
  ) {
    self.format = 1
    self.id = id
    self.createdAt = createdAt
    self.belayVersion = belayVersion
    self.target = target
    self.members = []
    self.tables = tables
    self.schemaSHA256 = ""
    self.restore = restore
    self.bookmark = bookmark
    self.purpose = purpose
    self.scope = scope
    self.notes = notes
  }

  /// The first member of that kind, and of that format and table if they are given.
  package func member(_ kind: MemberKind, format: String? = nil, table: TableName? = nil) -> MemberRecord? {
    members.first { member in
      member.kind == kind && (format == nil || member.format == format) && (table == nil || member.table == table)
    }
  }

  /// The ways to restore it by hand that its members allow, each a list of commands.
  package var waysToRestore: [[String]] {
    let names = Set(members.map(\.nameInClear))
    let ways = restore.split(separator: "").map(Array.init)
    let possible = ways.filter { way in
      // A way begins with what the archive holds; what it writes may be named like a member too.
      let text = way.joined(separator: " ")
      return text.firstMatch(of: /full_backup\.[A-Za-z0-9.]*[A-Za-z0-9]/).map { names.contains(String($0.0)) } ?? true
    }
    return possible.isEmpty ? ways : possible
  }

  /// What its target's owner wants kept: all of the database, or the part that belay.yaml names.
  package var isOfAllThatIsKept: Bool { scope?.configured ?? true }

  package func table(_ name: TableName) -> TableRecord? { tables.first { $0.table == name } }
}
