package struct BackupRequest: Codable, Sendable {
  package var name: String?
  package var verify: VerificationLevel = .restore
  /// What it is made for: the name of a kind of archive. nil: somebody asked for it.
  package var kind: String?
  /// Which tables; nil: all.
  package var scope: BackupScope?
  package init() {}
}

package enum VerificationLevel: String, Codable, Sendable, CaseIterable, Comparable {
  case manifest, read, restore

  package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
  private var rank: Int {
    switch self {
    case .manifest: 0
    case .read: 1
    case .restore: 2
    }
  }
}

/// `belay archive ID --to REPOSITORY`
package struct ArchiveRequest: Codable, Sendable {
  package var id: String
  package var repository: RepositoryDefinition
  /// It stays in the store too.
  package var keeps = false
  package init(id: String, repository: RepositoryDefinition) {
    self.id = id
    self.repository = repository
  }
}

package struct VerifyRequest: Codable, Sendable {
  package var id: String
  package var level: VerificationLevel
  /// A person vouches for an archive that the store has not made. So in the other requests.
  package var trust = false
  package init(id: String, level: VerificationLevel) {
    self.id = id
    self.level = level
  }
}

package struct MigrateRequest: Codable, Sendable {
  /// Up to and with this version (the file's number or its name).
  package var to: String?
  /// So many of the applied migrations are undone, newest first; nil: none.
  package var down: Int?
  /// What was applied after this version is undone; nil: nothing.
  package var downTo: String?
  package var plan = false
  package var rehearse = true
  package var outOfOrder = false
  package var allowLoss: [String] = []
  /// End the sessions of others right before the change begins.
  package var terminate = false
  /// The archive to use in place of a new backup; nil: make one.
  package var backup: String?
  package var trust = false
  /// Files named one by one, e.g. one that undoes a migration; empty: all that are pending.
  package var files: [String] = []
  /// What the path of a named file starts from; nil: the worker's folder.
  package var folder: String?
  package init() {}
}

/// `belay status TARGET`: how the migrations stand.
package struct StatusRequest: Codable, Sendable {
  /// Where something is left to do, the result is a warning.
  package var warnsOfPending = false
  /// There is no backup, or it is not well: the result is a warning.
  package var lacksBackup = false
  package init() {}
}

/// `belay adopt`
package struct AdoptRequest: Codable, Sendable {
  /// The last migration that is applied: the file's number or its name.
  package var baseline: String
  package var rehearse = true
  package init(baseline: String) { self.baseline = baseline }
}

package struct DownDraftRequest: Codable, Sendable {
  /// The migration: its file's number or its name.
  package var version: String
  package init(version: String) { self.version = version }
}

package struct JournalRequest: Codable, Sendable {
  /// Only show what would be written.
  package var plan = false
  package var rehearse = true
  package init() {}
}

package struct RollbackRequest: Codable, Sendable {
  package var id: String
  /// Only show what would be done. Reads only.
  package var plan = false
  /// The code given by `--confirm`.
  package var confirm: String?
  /// End the sessions of others right before the database is put back.
  package var terminate = false
  package var trust = false
  package init(id: String) { self.id = id }
}

package struct RestoreRequest: Codable, Sendable {
  package var id: String
  /// Only these; empty: all of the archive.
  package var tables: [String] = []
  /// `[SCHEMA.]NAME` of a new table, a plain one, that gets the rows of the only one in `tables`; nil: its own name.
  package var newName: String?
  /// A condition in SQL: only the rows of the only table that satisfy it.
  package var filter: String?
  /// Rows alone, into tables that are there, of whatever engine.
  package var rowsOnly = false
  /// With `rowsOnly`: what the target's tables have no place for may be lost.
  package var allowLoss = false
  package var trust = false
  package init(id: String) { self.id = id }
}

/// `belay snapshot-table`: copies of tables beside them, inside their database.
package struct TableCopiesRequest: Codable, Sendable {
  package enum Action: Codable, Sendable {
    /// - Parameter keepFor: how long retention keeps them; nil: until somebody drops them.
    case make(tables: [String], keepFor: CalendarSpan?)
    case list
    /// - Parameter confirmed: else only show what would be dropped.
    case drop(names: [String], confirmed: Bool)
    /// Drop those whose time is over.
    case prune(confirmed: Bool)
  }
  package var action: Action
  package init(_ action: Action) { self.action = action }
}

/// `belay restore --from-table`: the rows of a copy go back into the table that it was made of.
package struct TableRestoreRequest: Codable, Sendable {
  /// The copy: `[SCHEMA.]NAME`.
  package var name: String
  /// Only show what would be done. Reads only.
  package var plan = false
  /// Other tables whose rows may go or change, by a cascade or a trigger.
  package var allowLoss: [String] = []
  /// The archive to use in place of a new backup; nil: make one.
  package var backup: String?
  package var trust = false
  package init(name: String) { self.name = name }
}

package struct ExtractRequest: Codable, Sendable {
  package enum Form: String, Codable, Sendable, CaseIterable { case csv, json, sql }
  package var id: String
  package var tables: [String]
  /// For the only table in `tables`.
  package var filter: String?
  package var form: Form
  /// The absolute path of a folder that gets a file for each table; nil: all goes to standard output.
  package var folder: String?
  package var trust = false
  package init(id: String, tables: [String], filter: String?, form: Form) {
    self.id = id
    self.tables = tables
    self.filter = filter
    self.form = form
  }
}

package struct DiffRequest: Codable, Sendable {
  package var id: String
  /// The archive to compare with; nil: the target.
  package var other: String?
  /// The name of the second side in messages: a name in belay.yaml, a URL without secrets, or an archive as typed.
  package var otherName: String
  /// Row by row, and not only whether a table differs.
  package var data = false
  /// Only these; empty: all.
  package var tables: [String] = []
  /// Of each table, so many differences are shown.
  package var rows = 0
  /// The rows that only the archive has are written in this form, and nothing else.
  package var form: ExtractRequest.Form?
  package init(id: String, other: String?, otherName: String) {
    self.id = id
    self.other = other
    self.otherName = otherName
  }
}

/// `belay rekey`: for whom, the settings say.
package struct RekeyRequest: Codable, Sendable {
  package var id: String
  package init(id: String) { self.id = id }
}

package struct RecoverRequest: Codable, Sendable {
  /// nil: all open runs of the store.
  package var run: String?
  /// The front asks, because the run's worker died: the result's status is then the run's own.
  package var afterCrash = false
  package var trust = false
  /// Drop the previous databases of this identity whose time is over, and nothing else.
  package var previousDatabasesOf: String?
  package init(run: String? = nil, afterCrash: Bool = false, previousDatabasesOf: String? = nil) {
    self.run = run
    self.afterCrash = afterCrash
    self.previousDatabasesOf = previousDatabasesOf
  }
}
