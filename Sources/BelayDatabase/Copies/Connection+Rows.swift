import BelayArchive
import BelayBase
import BelayDrivers

extension CatalogTable {
  /// The columns of a copy that are those of its table. A number that the engine gives each row by itself is the copy's own.
  package var declaredColumns: [SchemaObject] { storedColumns.filter { !$0.flags.contains(.implicit) } }

  /// The columns that a copy of it has, in their order: those that it stores, and a number by which the engine knows each row,
  /// for an index of full text or a column of another table may hold that. What the engine computes is left out.
  package var copiedColumns: [SchemaObject] { storedColumns }

  /// The same table with these columns alone.
  package func with(columns: [SchemaObject]) -> CatalogTable { CatalogTable(object: object, columns: columns) }
}

extension Connection {
  /// Reads all rows of a table, to compare them.
  /// - Parameter what: to say beside the progress bar.
  package func state(
    of table: CatalogTable, _ what: String, context: RunContext
  ) throws(BelayError) -> TableState {
    var digest = TableDigest()
    do {
      // One whose rows are in its parts is read as it is queried.
      if table.hasRows {
        try read(table, operation: context.stoppable(what), rows: { digest.add($0) })
      } else {
        try query(table.selectStatement(traits), operation: context.stoppable(what), rows: { digest.add($0) })
      }
    } catch {
      throw BelayError(any: error, doing: "cannot read table \(table.tableName)", kind: .failed)
    }
    return TableState(rows: digest.rows, digest: digest.hex)
  }
}
