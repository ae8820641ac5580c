import BelayArchive
import BelayBase
import BelayDrivers
import CBelayDriver

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

  package func read(_ connection: Connection) throws(BelayError) -> DatabaseState {
    let catalog: Catalog
    do {
      catalog = try connection.catalog(operation: operation(""))
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .failed)
    }
    return try read(connection, catalog: catalog)
  }

  /// - Parameters:
  ///   - kept: of these nothing is read: it is known.
  ///   - last: read after all others. What is known of a table is the older the earlier it was read.
  package func read(
    _ connection: Connection, catalog: Catalog, keeping kept: [TableName: TableState] = [:],
    last: Set<TableName> = []
  ) throws(BelayError) -> DatabaseState {
    var tables = kept
    let needed = catalog.tables.filter { $0.hasRows && kept[$0.tableName] == nil }
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
        throw BelayError(any: error, doing: "cannot read table \(table.tableName)", kind: .failed)
      }
      tables[table.tableName] = TableState(
        rows: digest.rows, digest: digest.hex, counters: counters?.counters)
    }
    context.narrator.tell(
      .progress(ProgressUpdate(what: what, done: UInt64(readable.count), total: UInt64(readable.count), unit: .steps)))
    return DatabaseState(catalog: catalog, tables: tables)
  }

  private func operation(_ table: String) -> BelayDrivers.Operation {
    let label = table.isEmpty ? what : "\(what): \(table)"
    return stoppable ? context.stoppable(label, unit: .rows) : context.unstoppable(label, unit: .rows)
  }
}
