import BelayDriverKit
import SQLiteDialect

/// An INSERT into some columns of a table, with several rows per statement.
struct Insertion {
  /// Up to the first row's parenthesis.
  let head: String
  /// A statement that sets the rowid if the INSERT leaves it out: a table may have 100 columns and a rowid, but D1
  /// accepts only 100 values. nil if all values fit.
  let rowid: (before: String, behind: String)?

  /// - Parameter columns: in the order of the values.
  init(into table: String, columns: [String]) {
    var columns = columns
    if columns.count > Limits.columns, let first = columns.first, SQLiteRowid.names.contains(first.lowercased()) {
      columns.removeFirst()
      let name = SQLQuote.name(first)
      rowid = ("UPDATE \(SQLQuote.name(table)) SET \(name) = ", " WHERE \(name) = last_insert_rowid()")
    } else {
      rowid = nil
    }
    head = "INSERT INTO \(SQLQuote.name(table)) (\(columns.map { SQLQuote.name($0) }.joined(separator: ","))) VALUES "
  }
}

/// The names of the rowid in SQLite, if no column has them.
enum SQLiteRowid {
  static let names = ["_rowid_", "rowid", "oid"]
}
