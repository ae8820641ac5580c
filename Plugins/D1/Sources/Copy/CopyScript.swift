import BelayDriverKit
import CSQLite
import SQLiteDialect

/// Turns a copy into SQL that D1 accepts: no statement is longer than 100,000 bytes, every value is exact, referenced
/// tables come first, triggers and indexes last.
struct CopyScript {
  let copy: Database
  let watch: Watch
  private let schema: Schema
  /// The tables with rows, referenced ones first.
  let tables: [String]

  init(_ copy: Database, watch: Watch) throws(DriverFailure) {
    self.copy = copy
    self.watch = watch
    schema = try Schema(of: copy, readsVirtual: true)
    tables = try ReferenceOrder.sorted(schema.copiedTables, in: copy)
  }

  func write(_ sink: (String) throws(DriverFailure) -> Void) throws(DriverFailure) {
    for table in tables where !isSequence(table) {
      if let entry = schema.entries.first(where: { $0.type == "table" && $0.name == table }) { try sink(entry.sql) }
    }
    // Filling an AUTOINCREMENT table writes its counter; the copy's own counters follow later.
    for (number, table) in tables.filter({ !isSequence($0) }).enumerated() {
      watch.progress(number, of: tables.count, "writing the rows as SQL")
      try writeRows(of: table, sink)
    }
    if let sequence = tables.first(where: isSequence) {
      if !schema.entries.contains(where: { $0.type == "table" && CanonicalSQL.contains("AUTOINCREMENT", in: $0.sql) }) {
        // The last AUTOINCREMENT table was dropped, and SQLite keeps the table for ever.
        try sink("CREATE TABLE \"belay sequence\"(id INTEGER PRIMARY KEY AUTOINCREMENT)")
        try sink("DROP TABLE \"belay sequence\"")
      }
      try sink("DELETE FROM sqlite_sequence")
      try writeRows(of: sequence, sink)
    }
    try writeRest(sink)
  }

  private func writeRest(_ sink: (String) throws(DriverFailure) -> Void) throws(DriverFailure) {
    for entry in schema.entries where entry.type == "index" { try sink(entry.sql) }
    for entry in schema.entries where entry.isVirtual && !VirtualTable(entry).hasRows {
      try sink(entry.sql)
      if VirtualTable(entry).isExternal {
        try sink("INSERT INTO \(SQLQuote.name(entry.name))(\(SQLQuote.name(entry.name))) VALUES('rebuild')")
      }
    }
    for type in ["view", "trigger"] {
      for entry in schema.entries where entry.type == type { try sink(entry.sql) }
    }
  }

  /// The number of rows of each table.
  func counts() throws(DriverFailure) -> [(table: String, rows: Int64)] {
    var counts: [(table: String, rows: Int64)] = []
    for table in tables { counts.append((table, try copy.integer("SELECT count(*) FROM \(SQLQuote.name(table))"))) }
    return counts
  }

  private func isSequence(_ table: String) -> Bool { table.lowercased() == "sqlite_sequence" }

  private func writeRows(
    of table: String, _ sink: (String) throws(DriverFailure) -> Void
  ) throws(DriverFailure) {
    guard let described = schema.tables[table] else { return }
    var columns = described.columns.filter { !$0.isGenerated }.map(\.name)
    if let rowid = described.implicitRowid { columns.insert(rowid, at: 0) }
    let insertion = RowBatch.Form.insertion(Insertion(into: table, columns: columns))
    let rows = try copy.prepare(
      "SELECT \(columns.map { SQLQuote.name($0) }.joined(separator: ",")) FROM \(SQLQuote.name(table))")
    var batch = RowBatch(insertion)
    while try rows.step() {
      let values = columns.indices.map { Self.literal(sqlite3_column_value(rows.handle, Int32($0))) }
      try batch.add(values)
      if batch.bytes > Limits.callBytes {
        try drain(batch, sink)
        batch = RowBatch(insertion)
      }
    }
    try drain(batch, sink)
  }

  private func drain(_ batch: RowBatch, _ sink: (String) throws(DriverFailure) -> Void) throws(DriverFailure) {
    try watch.check()
    for statement in batch.statements { try sink(statement) }
    if batch.usesParts { try sink(LongValues.drop) }
  }

  private static func literal(_ value: OpaquePointer?) -> LongValues.Literal {
    switch sqlite3_value_type(value) {
    case SQLITE_INTEGER: return .short(Literal.integer(sqlite3_value_int64(value)))
    case SQLITE_FLOAT: return .short(Literal.real(sqlite3_value_double(value)))
    case SQLITE_TEXT: return .text(bytes(value))
    case SQLITE_BLOB: return .blob(bytes(value))
    default: return .short("NULL")
    }
  }

  private static func bytes(_ value: OpaquePointer?) -> [UInt8] {
    let start = sqlite3_value_blob(value)
    return Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_value_bytes(value))))
  }
}
