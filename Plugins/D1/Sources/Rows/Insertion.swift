import BelayDriverKit
import SQLiteDialect

/// An INSERT into some columns of a table: several rows fit one statement.
struct Insertion {
  /// Up to the first row's parenthesis.
  let head: String
  /// What makes up for a rowid that the INSERT leaves out: a table may have 100 columns and a rowid besides, and D1 takes
  /// 100 values. nil where all values go in.
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

/// The names by which SQLite knows a row's number, where no column has them.
enum SQLiteRowid {
  static let names = ["_rowid_", "rowid", "oid"]
}
