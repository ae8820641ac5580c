import BelayArchive
import BelayDatabase
import BelayDrivers

/// What a transaction did to each table between two moments, as the engine tells it. Where others write at the same time,
/// comparing the rows before and after cannot tell that.
package struct Evidence: Sendable, Equatable {
  /// Rows written by the transaction itself, by its triggers and cascades too.
  package struct WriteCounts: Sendable, Equatable {
    package var inserted: Int64 = 0
    var updated: Int64 = 0
    var deleted: Int64 = 0
    /// The table has another storage, made under this transaction's own lock: nobody else has written since, and the
    /// counts tell nothing, but the rows can be compared.
    var isRewritten = false

    var isNothing: Bool { self == WriteCounts() }
  }

  private var counts: [TableName: WriteCounts] = [:]

  init(from: [TableFootprint], to: [TableFootprint]) {
    let earlier = Dictionary(from.map { ($0.tableName, $0) }, uniquingKeysWith: { first, _ in first })
    for now in to {
      // A table that was not there before is wholly this transaction's: its rows are read.
      guard let was = earlier[now.tableName] else { continue }
      // Whoever makes another storage keeps others off. Without such a lock somebody else did, e.g. to compact it.
      let isRewritten = now.storage != was.storage && now.blocks != .nothing
      counts[now.tableName] = WriteCounts(
        inserted: max(0, now.inserted - was.inserted), updated: max(0, now.updated - was.updated),
        deleted: max(0, now.deleted - was.deleted), isRewritten: isRewritten)
    }
  }

  /// nil: nothing is told of it.
  subscript(table: TableName) -> WriteCounts? { counts[table] }

  /// Tables whose rows must be read again. All others hold what they held before, but for what others wrote.
  func touched(before: Catalog, after: Catalog) -> Set<TableName> {
    let earlier = Dictionary(before.tables.map { ($0.tableName, $0) }, uniquingKeysWith: { first, _ in first })
    var touched: Set<TableName> = []
    for table in after.tables where table.hasRows {
      let name = table.tableName
      guard let was = earlier[name] else {
        touched.insert(name)
        continue
      }
      let isWritten = counts[name].map { !$0.isNothing } ?? !table.flags.contains(.internal)
      if isWritten || !table.hasSameStoredColumns(as: was) { touched.insert(name) }
    }
    return touched
  }
}

extension CatalogTable {
  /// Equal digests mean equal rows only where this holds.
  func hasSameStoredColumns(as other: CatalogTable) -> Bool {
    storedColumns.elementsEqual(other.storedColumns) { $0.name == $1.name && $0.definition == $1.definition }
  }
}
