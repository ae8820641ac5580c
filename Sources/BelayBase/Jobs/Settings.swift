/// belay.yaml and the options of the command line, resolved. Paths are absolute.
package struct Settings: Codable, Sendable, Equatable {
  package var store: String
  package var driverPaths: [String]
  /// The path of the running executable: drivers of a build tree lie beside it.
  package var executable: String
  package var formats: [BackupFormat]
  package var migrations: MigrationSettings
  package var retention: RetentionSettings
  package var report: ReportSettings
  package var checks: [CheckDefinition]
  package var audit: [CheckDefinition]
  package var plans: [PlanDefinition]
  package var spotChecks: [SpotCheckDefinition]
  package var hooks: [RunHook]
  /// Where hooks run: the folder of belay.yaml.
  package var hooksFolder: String
  package var contract: ContractMode
  package var encryption: EncryptionSettings
  /// Where archives are copied to when they are made.
  package var repositories: [RepositoryDefinition]
  /// Where archives are looked for in place of the store; nil: in the store.
  package var repository: RepositoryDefinition?
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
    self.report = ReportSettings()
    self.checks = []
    self.audit = []
    self.plans = []
    self.spotChecks = []
    self.hooks = []
    self.hooksFolder = "/"
    self.contract = .collateral
    self.encryption = EncryptionSettings()
    self.repositories = []
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
  /// nil: as the folder and the database show it.
  package var convention: ConventionName?
  package var lockTimeoutSeconds: Int = 5
  package var statementTimeoutSeconds: Int = 0
  /// How long a transaction may hold locks that others wait for; 0: no limit.
  package var mostLockSeconds: Int = 0
  /// nil: a person is asked; without one, everything is put back.
  package var onFailure: FailurePolicy?
  /// A backup is taken too when a change has succeeded.
  package var backsUpAfter = false

  package init() {}
}

/// `convention:` in belay.yaml, `--convention`: by whose rules the migrations folder is read, and its ledger kept.
package enum ConventionName: String, Codable, Sendable, CaseIterable {
  /// belay's own.
  case plain
  case wranglerD1 = "wrangler-d1"
  case dbmate, goose
  case golangMigrate = "golang-migrate"
  case sqlx, flyway, diesel, prisma, drizzle, atlas, sqitch
}

/// `report:` in belay.yaml.
package struct ReportSettings: Codable, Sendable, Equatable {
  /// Whether reports hold the values of rows that a check found.
  package var showsRows = false

  package init() {}
}

/// `retention:` in belay.yaml.
package struct RetentionSettings: Codable, Sendable, Equatable {
  /// How long to keep a database after a restored copy has been swapped in for it; 0: not at all; nil: for ever.
  package var previousDatabasesSeconds: Int? = 24 * 3600
  /// For archives, by their kind. A kind that is missing is kept.
  package var archives: [String: RetentionPolicy] = [
    "scheduled": .ofSchedules, "before-migration": .ofOwnArchives, "after-migration": .ofOwnArchives,
    "before-rollback": .ofOwnArchives, "before-recovery": .ofOwnArchives, "before-swap": .ofOwnArchives,
  ]
  /// Those that a policy can be for.
  package static let kinds = [
    "manual", "scheduled", "before-migration", "after-migration", "before-rollback", "before-recovery", "before-swap",
  ]
  /// For journals and reports of runs that made no archive; nil: they are kept.
  package var runs: RetentionPolicy? = .ofOwnArchives
  /// How long to keep what runs left that have failed, or were declined.
  package var failedRunsSeconds = 24 * 3600

  package init() {}
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
