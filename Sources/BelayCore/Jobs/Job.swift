/// What the worker is to do: the first line that the front sends it. Commands that load no driver (`list`, `show`,
/// `verify --level manifest|read`, `extract` without `--where`, `init`) run in the front and are no jobs.
package struct Job: Codable, Sendable {
  package enum Work: Codable, Sendable {
    case doctor
    case check
    case backup(BackupRequest)
    case verify(VerifyRequest)
    case migrate(MigrateRequest)
    case rollback(RollbackRequest)
    case restore(RestoreRequest)
    case extract(ExtractRequest)
    case recover(RecoverRequest)
  }
  package var work: Work
  /// nil for jobs on an archive or on all open runs.
  package var target: Target?
  package var settings: Settings
  /// Somebody sits at a terminal and can answer questions.
  package var interactive: Bool

  package init(_ work: Work, target: Target?, settings: Settings, interactive: Bool) {
    self.work = work
    self.target = target
    self.settings = settings
    self.interactive = interactive
  }
}

/// A database that belay looks after.
package struct Target: Codable, Sendable, Equatable {
  /// The name in belay.yaml; nil for a bare URL.
  package var name: String?
  /// With `${ENV}` resolved: may hold a secret. Shown only through `redactedURL`.
  package var url: String
  /// Absolute: what a relative path in the URL starts from. The folder of belay.yaml for a name, the current one for a
  /// URL. The worker changes to it before it opens anything. nil: stay.
  package var folder: String?

  package init(name: String? = nil, url: String, folder: String? = nil) {
    self.name = name
    self.url = url
    self.folder = folder
  }
}

/// belay.yaml and the options of the command line, resolved. Paths are absolute.
package struct Settings: Codable, Sendable, Equatable {
  package var store: String
  package var driverPaths: [String]
  /// The path of the running executable: drivers of a build tree lie beside it.
  package var executable: String
  package var formats: [BackupFormat]
  package var migrations: MigrationSettings
  package var retention: RetentionSettings
  package var checks: [CheckDefinition]
  package var audit: [CheckDefinition]
  package var plans: [PlanDefinition]
  package var contract: ContractMode
  /// Passed to the driver's open, e.g. `foreign_keys: off`.
  package var driverOptions: [String: String]
  package var yes: Bool
  /// What a command that this run names must be given too, ready for a shell: `--store`, `'/var/my backups'`.
  package var repeatedOptions: [String]

  package init(store: String, executable: String) {
    self.store = store
    self.driverPaths = []
    self.executable = executable
    self.formats = [.native, .sql, .csv]
    self.migrations = MigrationSettings()
    self.retention = RetentionSettings()
    self.checks = []
    self.audit = []
    self.plans = []
    self.contract = .collateral
    self.driverOptions = [:]
    self.yes = false
    self.repeatedOptions = []
  }
}

package enum BackupFormat: String, Codable, Sendable, CaseIterable { case native, sql, csv, json }

/// `contract:` in belay.yaml.
package enum ContractMode: String, Codable, Sendable, CaseIterable {
  /// What a migration's own statements name and write is intended; losses beyond that must be declared.
  case collateral
  /// Every loss must be declared, also in tables that the migration names.
  case strict
}

package struct MigrationSettings: Codable, Sendable, Equatable {
  /// Absolute; nil: `migrations` beside belay.yaml or in the current folder.
  package var directory: String?
  /// nil: the table of the engine's own tool, where there is one, and belay's.
  package var ledger: String?
  package var lockTimeoutSeconds: Int = 5
  package var statementTimeoutSeconds: Int = 0

  package init() {}
}

/// `retention:` in belay.yaml.
package struct RetentionSettings: Codable, Sendable, Equatable {
  /// How long a database stays that another one was swapped in for; 0: not at all.
  package var formerDatabasesSeconds: Int = 24 * 3600

  package init() {}
}

/// A named query that must return nothing, or a stated value. From belay.yaml.
package struct CheckDefinition: Codable, Sendable, Equatable {
  package enum When: String, Codable, Sendable, CaseIterable { case before, after, both }
  package var name: String
  package var sql: String
  /// nil: expected to return no row.
  package var expect: String?
  package var when: When

  package init(name: String, sql: String, expect: String? = nil, when: When = .both) {
    self.name = name
    self.sql = sql
    self.expect = expect
    self.when = when
  }
}

/// A query whose plan must not get worse. From belay.yaml.
package struct PlanDefinition: Codable, Sendable, Equatable {
  package var name: String
  package var sql: String
  /// A new scan of a whole table counts where the table has more rows than that.
  package var rows: Int
  /// It fails the migration; else it is a warning.
  package var fails: Bool

  package init(name: String, sql: String, rows: Int = 10_000, fails: Bool = false) {
    self.name = name
    self.sql = sql
    self.rows = rows
    self.fails = fails
  }
}

package struct BackupRequest: Codable, Sendable {
  package var name: String?
  package var verify: VerificationLevel = .restore
  package init() {}
}

package enum VerificationLevel: String, Codable, Sendable, CaseIterable { case manifest, read, restore }

package struct VerifyRequest: Codable, Sendable {
  package var id: String
  package var level: VerificationLevel
  package init(id: String, level: VerificationLevel) {
    self.id = id
    self.level = level
  }
}

package struct MigrateRequest: Codable, Sendable {
  /// Up to and with this version (the file's number or its name).
  package var to: String?
  package var plan = false
  package var rehearse = true
  package var outOfOrder = false
  package var allowLoss: [String] = []
  /// End the sessions of others right before the change begins.
  package var terminate = false
  /// Files named one by one, e.g. a `_down_` file; empty: all that are pending.
  package var files: [String] = []
  package init() {}
}

package struct RollbackRequest: Codable, Sendable {
  package var id: String
  /// The code given by `--confirm`.
  package var confirm: String?
  /// End the sessions of others right before the database is put back.
  package var terminate = false
  package init(id: String) { self.id = id }
}

package struct RestoreRequest: Codable, Sendable {
  package var id: String
  package var into: String
  package var table: String?
  package init(id: String, into: String) {
    self.id = id
    self.into = into
  }
}

package struct ExtractRequest: Codable, Sendable {
  package enum Form: String, Codable, Sendable, CaseIterable { case csv, json, sql }
  package var id: String
  package var table: String
  package var filter: String?
  package var form: Form
  package init(id: String, table: String, filter: String?, form: Form) {
    self.id = id
    self.table = table
    self.filter = filter
    self.form = form
  }
}

package struct RecoverRequest: Codable, Sendable {
  /// nil: all open runs of the store.
  package var run: String?
  /// The front asks, because the run's worker died: the result's status is then the run's own.
  package var afterCrash = false
  /// Drop the former databases of this identity whose time is over, and nothing else.
  package var formersOf: String?
  package init(run: String? = nil, afterCrash: Bool = false, formersOf: String? = nil) {
    self.run = run
    self.afterCrash = afterCrash
    self.formersOf = formersOf
  }
}
