import BelayBase
import BelayDatabase
import BelayDrivers
import SystemPackage

/// Which files are to run on a database, and where that is written down: by the rules of the tool whose folder it is, or by
/// belay's own.
struct MigrationSelection {
  let history: any AppliedHistory
  let pending: PendingMigrations.Found
  let rules: FileReading.Rules
  /// The tool's own; nil: it has none.
  let lock: ToolLock?

  /// - Throws: where something must not be applied.
  init(
    _ request: MigrateRequest, on connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) {
    let settings = context.settings.migrations
    let path = settings.folder
    let convention = Convention(settings.convention, usualOf: connection.traits)
    let source = convention.source(folder: path, start: request.folder.map { FilePath($0) })
    let named = try source.files(named: request.files)
    // A file from elsewhere has nothing to do with the folder, which need not be there.
    if named.isEmpty || named.contains(where: { source.isOfFolder($0.name) }),
      let adopted = try AdoptedFolder.find(path, on: connection, catalog: catalog, context: context)
    {
      history = adopted.history
      pending = try adopted.pending(request, on: connection, catalog: catalog, context: context)
      rules = adopted.rules
      lock = try adopted.lock(on: connection, context: context)
      return
    }
    guard request.down == nil, request.downTo == nil else {
      throw BelayError(
        .refused, "the migrations folder \(path) is read as plain files, which have no way down",
        hint: "put the backup of a run back with `belay rollback`, or name a file that undoes a migration",
        state: "the database is untouched")
    }
    history = try convention.history(table: settings.ledger, on: connection, catalog: catalog, context: context)
    let elsewhere = try LedgersElsewhere(
      than: history.tables, catalog: catalog, connection: connection, context: context)
    pending = try PendingMigrations(source: source, request: request, elsewhere: elsewhere).find(
      applied: try history.applied(connection, catalog: catalog, context: context), sharesFiles: history.sharesFiles)
    rules = FileReading.Rules()
    lock = nil
  }
}

extension AdoptedFolder {
  var rules: FileReading.Rules {
    FileReading.Rules(readsTransactions: tool.readsTransactions, setsBeforehand: tool.setsBeforehand)
  }
}

extension MigrationSettings {
  package var folder: FilePath { FilePath(directory ?? "migrations") }
}
