import BelayBase

/// A migration of a tool's folder: what makes the change, and what undoes it.
package struct ToolMigration: Sendable {
  /// As the ledger has it; empty: none, as of Flyway's repeatable migrations.
  package var version: String
  /// Of the file that makes the change.
  package var name: String
  /// Fails where the tool could not run it either: that matters once it is to run.
  package var up: Result<MigrationFile, BelayError>
  /// nil: there is no way down.
  package var down: Result<MigrationFile, BelayError>?
  /// Each checksum with which the ledger may have it: of the text as it stands, and with other line ends. Empty: the tool
  /// keeps none.
  package var checksums: Set<String> = []

  var wayDown: MigrationFile.WayDown {
    switch down {
    case .success(let file)?: .text(file.sql)
    case .failure?: .unknown
    case nil: .missing
    }
  }

  /// Of its parts, one for each way.
  var names: [String] {
    guard case .success(let down)? = down else { return [name] }
    return [name, down.name]
  }
}

/// What a tool finds in its folder.
package struct ToolContent: Sendable {
  package var migrations: [ToolMigration] = []
  /// What looks like a migration and is none for the tool, with the reason.
  package var skipped: [SkippedFile] = []
  /// The engine that the folder is written for, as the tool calls it; nil: the folder does not say.
  package var dialect: String?
  /// What tells the folder's rows in a ledger that other folders share; nil: none do.
  package var scope: String?
  /// Why nothing of the folder can be applied, although it is the tool's; nil: all can.
  package var obstacle: BelayError?
  /// The same where the tool has not been at work on the database yet.
  package var obstacleAtFirst: BelayError?
}
