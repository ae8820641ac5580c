import BelayDriverKit
import CSQLite
import SQLiteDialect

/// By statements of its own rather than the host's: of a table whose indexes need a collation that this library lacks, the
/// rows can be read all the same, one after another.
extension SQLiteConnection: RowTransferring {
  func read(_ table: TableColumns, operation: Operation, into rows: RowWriter) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      // Without the table before it, a name that no column has would be read as a text; and by any other of its names the
      // rowid would be called rowid.
      let columns = table.columns.map { "t.\(SQLQuote.name($0)) AS \(SQLQuote.name($0))" }.joined(separator: ", ")
      // Not by an index that has all columns: it may need the collation.
      let sql = "SELECT \(columns) FROM main.\(SQLQuote.name(table.name)) AS t NOT INDEXED"
      let database = readable
      guard try !compiles(sql, in: database) else { return try database.query(sql, parameters: nil, into: rows) }
      let standIns = StandIns(on: database)
      defer { standIns.remove() }
      try database.forgetRefusals()
      try database.query(sql, parameters: nil, into: rows)
    }
  }

  /// A key of a WITHOUT ROWID table may need it too, and is the table.
  private func compiles(_ sql: String, in database: Database) throws(DriverFailure) -> Bool {
    do throws(DriverFailure) {
      _ = try database.prepare(sql)
      return true
    } catch {
      guard error.code == .sql else { throw error }
      return false
    }
  }

  func load(_ rows: Parameters, into table: TableColumns, operation: Operation) throws(DriverFailure) {
    let columns = table.columns.map { SQLQuote.name($0) }.joined(separator: ", ")
    let values = table.columns.map { _ in "?" }.joined(separator: ", ")
    _ = try execute(
      "INSERT INTO main.\(SQLQuote.name(table.name)) (\(columns)) VALUES (\(values))", rows: rows, operation: operation)
  }
}
