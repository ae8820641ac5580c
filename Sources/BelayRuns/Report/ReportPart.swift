import BelayBase

/// One part of a run's report, as data. A renderer makes Markdown of it; other forms take the same parts.
package enum ReportPart: Codable, Sendable, Equatable {
  /// What preflight found.
  case preflight([Finding])
  case plan(lines: [String])
  /// What is carried out.
  case files([PartRecord])
  case audit([CheckRecord])
  case backup(ArchiveRecord)
  /// - Parameters:
  ///   - level: the one that ran.
  ///   - tables: how many were compared; nil: none.
  ///   - standIn: what the copy lay on where that is another engine: " on SQLite 3.40, in the place of …".
  case verification(level: VerificationLevel, tables: Int?, standIn: String)
  /// The change on the restored copy.
  case rehearsal(ChangeRecord, standIn: String)
  /// Why the change could not be tried on the restored copy.
  case notRehearsed([Finding])
  /// The change on the target.
  case change(ChangeRecord)
  /// What was checked on the target after the change, before it was accepted.
  case validations([CheckRecord])
  /// Tables that the change has left as they were.
  case unchanged([TableCount])
  case spotChecks([SpotCheckRecord])
  case hooks([HookRecord])
  /// What others have done to the database since its backup.
  case writtenByOthers([String])
  /// The engine's notices and warnings, with the statement that they belong to.
  case engineMessages([String], inRehearsal: Bool)
  /// Sessions of others that were ended.
  case sessionsEnded([String])
  /// What a rollback takes away.
  case losses([String])
  /// The engine went back to a bookmark.
  case rewind(to: String, undo: [String])
  /// Archives that hold what a rollback takes away, and how to get it out of them.
  case saved([String])
  /// Databases that were swapped out and are kept.
  case previousDatabases([String])
  case proof(ProofRecord)
}

/// What a named query returned.
package struct CheckRecord: Codable, Sendable, Equatable {
  package var name: String
  package var passes: Bool
  /// "expected no rows, found 3 rows"
  package var description: String
  /// The first rows that it found. Values of a user's data.
  package var rows: [String]

  package init(name: String, passes: Bool, description: String, rows: [String]) {
    self.name = name
    self.passes = passes
    self.description = description
    self.rows = rows
  }
}

/// An archive that a run has made.
package struct ArchiveRecord: Codable, Sendable, Equatable {
  package struct Member: Codable, Sendable, Equatable {
    package var name: String
    /// As it is stored.
    package var bytes: UInt64
  }
  package var path: String
  /// Of the file.
  package var bytes: UInt64
  package var members: [Member]
  package var tables: Int
  package var rows: UInt64
  /// SHA-256 of its manifest, which holds those of all members.
  package var manifestSHA256: String?
}

/// How a database compares with what it should be.
package struct ProofRecord: Codable, Sendable, Equatable {
  package var isSchemaEqual: Bool
  package var equalTables: Int
  package var tables: Int
  /// Differences that others made since.
  package var byOthers: [String]
  /// What the engine keeps, whatever is rolled back.
  package var byEngine: [String]

  package init(isSchemaEqual: Bool, equalTables: Int, tables: Int, byOthers: [String], byEngine: [String]) {
    self.isSchemaEqual = isSchemaEqual
    self.equalTables = equalTables
    self.tables = tables
    self.byOthers = byOthers
    self.byEngine = byEngine
  }
}
