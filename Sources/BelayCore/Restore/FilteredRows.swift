import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import CBelayDriver

/// The rows of one table of an archive that satisfy a condition: the table is loaded into a scratch database, and the
/// engine chooses.
struct FilteredRows {
  private let run: Run
  private let reader: ArchiveReader
  private let table: CatalogTable
  private let recorded: Catalog
  private let filter: String
  private let scratch: Scratch

  /// Loads the table. Not inside a transaction of the target. The scratch database stays until `drop`.
  init(
    run: Run, reader: ArchiveReader, table: CatalogTable, recorded: Catalog, filter: String
  ) throws(BelayError) {
    self.run = run
    self.reader = reader
    self.table = table
    self.recorded = recorded
    self.filter = filter
    guard run.connection.hasScratch else {
      throw BelayError(
        .failed, "the driver \(run.access.driver.id) has no scratch databases, but --where needs one",
        hint: "use the whole table, and filter the result")
    }
    scratch = try Scratch.create(
      name: ScratchName.copy(of: run.id), access: run.access, target: run.connection, journal: run.journal,
      folder: run.scratchFolder, context: run.context)
    do throws(BelayError) {
      try load()
    } catch {
      scratch.drop()
      throw error
    }
  }

  /// Calls `body` with batches of all stored columns; a batch is valid within the call.
  /// - Throws: `BelayError`, or the error of `body`.
  func each(_ body: (belay_batch) throws -> Void) throws {
    let connection = try scratch.open(operation: run.context.opening())
    defer { connection.close() }
    try connection.query(
      table.selectStatement(connection.traits) + " WHERE (\(filter)\n)", operation: run.context.stoppable(),
      rows: body)
  }

  func drop() { scratch.drop() }

  private func load() throws(BelayError) {
    let connection = try scratch.open(operation: run.context.opening())
    defer { connection.close() }
    let loader = ArchiveLoader(context: run.context, reader: reader)
    if RowFilter(filter).mayNameOthers(than: table, in: recorded) {
      try loader.loadAll(into: connection)
    } else {
      try loader.loadAlone(table, of: recorded, into: connection)
    }
  }
}
