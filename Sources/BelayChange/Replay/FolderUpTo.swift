import BelayBase
import BelayDatabase
import BelayDrivers

/// The migrations of a folder up to a version, whatever is applied of them.
struct FolderUpTo {
  let history: any AppliedHistory
  /// In their order; the last one is the version's.
  let files: [MigrationFile]
  /// Files that run again whenever their text changes.
  let repeated: [MigrationFile]
  let rules: FileReading.Rules
  /// nil: the folder is read in belay's own way.
  let adopted: AdoptedFolder?

  /// - Parameters:
  ///   - typed: a file's number or name.
  ///   - option: where it was typed, for messages.
  /// - Throws: where there is no such version.
  init(
    _ typed: String, option: String, on connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) {
    let settings = context.settings.migrations
    adopted = try AdoptedFolder.find(settings.folder, on: connection, catalog: catalog, context: context)
    if let adopted {
      history = adopted.history
      rules = adopted.rules
      (files, repeated) = try adopted.account(MigrateRequest(), on: connection, catalog: catalog, context: context)
        .upTo(typed, option: option)
      return
    }
    let convention = Convention(settings.convention, usualOf: connection.traits)
    history = try convention.history(table: settings.ledger, on: connection, catalog: catalog, context: context)
    var request = MigrateRequest()
    request.to = typed
    files = try PendingMigrations(
      source: convention.source(folder: settings.folder), request: request, elsewhere: .unasked
    ).find(applied: [], sharesFiles: history.sharesFiles).files
    (repeated, rules) = ([], FileReading.Rules())
  }

  /// Tables that are no part of what the files make.
  func ownTables(_ catalog: Catalog) -> OwnTables {
    let others = ToolLedger.found(in: catalog, except: history.tables).map(\.table.name)
    return history.ownTables.union(others).union([Connection.lockTable])
  }
}
