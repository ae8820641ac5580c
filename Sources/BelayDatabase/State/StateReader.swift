import BelayArchive
import BelayBase
import BelayDrivers
import CBelayDriver

/// Tables that need not be read.
package struct KnownTables: Sendable {
  package var states: [TableName: TableState]
  /// Of these nothing is known and nothing asked, such as tables of others.
  package var leftOut: Set<TableName> = []

  package init(_ states: [TableName: TableState] = [:], leftOut: Set<TableName> = []) {
    self.states = states
    self.leftOut = leftOut
  }
}

/// Reads a database's state: one pass over every table.
package struct StateReader {
  package let context: RunContext
  /// What to say beside the progress bar.
  package let what: String
  package var stoppable = true

  package init(context: RunContext, what: String, stoppable: Bool = true) {
    self.context = context
    self.what = what
    self.stoppable = stoppable
  }

  /// Others may drop a table between the schema and its rows. That says nothing against the database: all is read again.
  /// - Parameters:
  ///   - last: read after all others. What is known of a table is the older the earlier it was read.
  ///   - known: what is known of the tables of a schema, and is not read.
  package func read(
    _ connection: Connection, last: Set<TableName> = [],
    keeping known: (Catalog) throws(BelayError) -> KnownTables = { _ in KnownTables() }
  ) throws(BelayError) -> DatabaseState {
    var triesLeft = Self.mostTries
    while true {
      let catalog: Catalog
      do {
        catalog = try connection.catalog(operation: operation(""))
      } catch {
        throw BelayError(error, doing: "cannot read the schema", kind: .failed)
      }
      let kept = try known(catalog)
      triesLeft -= 1
      do throws(Unread) {
        return try read(connection, catalog: catalog, keeping: kept, last: last)
      } catch {
        guard error.isGone, triesLeft > 0 else { throw error.reason }
      }
    }
  }

  private static let mostTries = 10

  /// Why there is no state.
  private struct Unread: Error {
    let reason: BelayError
    /// A table of the schema is not there any more.
    var isGone = false
  }

  private func read(
    _ connection: Connection, catalog: Catalog, keeping known: KnownTables, last: Set<TableName>
  ) throws(Unread) -> DatabaseState {
    var tables = known.states
    let needed = catalog.tables.filter {
      $0.hasRows && tables[$0.tableName] == nil && !known.leftOut.contains($0.tableName)
    }
    let readable = needed.filter { !last.contains($0.tableName) } + needed.filter { last.contains($0.tableName) }
    for (index, table) in readable.enumerated() {
      context.narrator.tell(
        .progress(ProgressUpdate(what: what, done: UInt64(index), total: UInt64(readable.count), unit: .steps)))
      var digest = TableDigest()
      var counters = CounterCollector(table)
      do {
        try connection.read(
          table, operation: operation(table.name),
          rows: {
            digest.add($0)
            counters?.add($0)
          })
      } catch {
        throw Unread(
          reason: BelayError(any: error, doing: "cannot read table \(table.tableName)", kind: .failed),
          isGone: (error as? DriverError)?.code == .notFound)
      }
      tables[table.tableName] = TableState(
        rows: digest.rows, digest: digest.hex, counters: counters?.counters)
    }
    let all = UInt64(readable.count)
    context.narrator.tell(.progress(ProgressUpdate(what: what, done: all, total: all, unit: .steps, ended: true)))
    return DatabaseState(catalog: catalog, tables: tables)
  }

  private func operation(_ table: String) -> BelayDrivers.Operation {
    let label = table.isEmpty ? what : "\(what): \(table)"
    return stoppable
      ? context.stoppable(label, waitsForLocks: true) : context.unstoppable(label)
  }
}
