import BelayDriverKit
import SQLiteDialect

extension D1Connection: RowTransferring {
  /// Reads in pages, each from where the last one ended; with a token, from its copy.
  func read(_ table: TableColumns, operation: Operation, into rows: RowWriter) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      if let view {
        // Named explicitly, because SQLite would choose the name of a rowid column.
        let columns = table.columns.map { "\(SQLQuote.name($0)) AS \(SQLQuote.name($0))" }.joined(separator: ",")
        return try view.database.query(
          "SELECT \(columns) FROM \(SQLQuote.name(table.name))", parameters: nil, into: rows)
      }
      let (types, pages) = try pages(of: table)
      try rows.columns(zip(table.columns, types).map { ResultColumn($0, nativeType: $1) })
      try pages.read { (values) throws(DriverFailure) in
        for value in values { try value.write(into: rows) }
        try rows.endRow()
      }
    }
  }

  func load(_ rows: Parameters, into table: TableColumns, operation: Operation) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      try refuseReadOnly()
      _ = try write(rows, by: .insertion(Insertion(into: table.name, columns: table.columns)))
    }
  }

  /// The known schema may be slightly old: if it lacks a name, it is read again.
  private func pages(of table: TableColumns) throws(DriverFailure) -> (types: [String], TablePages) {
    for isFresh in [false, true] {
      let schema = try Schema(of: schema(fresh: isFresh), readsVirtual: true)
      let found = schema.tables.first { $0.key.lowercased() == table.name.lowercased() }
      guard let found, found.value.form != .view else { continue }
      let types = Dictionary(
        found.value.columns.map { ($0.name.lowercased(), $0.type) }, uniquingKeysWith: { first, _ in first })
      let known = table.columns.compactMap { column in
        types[column.lowercased()] ?? (SQLiteRowid.names.contains(column.lowercased()) ? "INTEGER" : nil)
      }
      // SQLite treats a quoted name that is not a column as a string.
      guard known.count == table.columns.count else { continue }
      guard let pages = TablePages(self, table: found.key, columns: table.columns, found.value) else {
        throw DriverFailure(
          .unsupported, "\(table.name) has no rowid, so it can only be read with all columns of its primary key")
      }
      return (known, pages)
    }
    throw DriverFailure(
      .sql, "there is no table \(table.name) with the columns \(table.columns.joined(separator: ", "))")
  }
}
