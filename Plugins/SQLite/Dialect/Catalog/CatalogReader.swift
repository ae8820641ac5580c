import BelayDriverKit
import CSQLite

/// Turns a schema into objects in the order that recreates them: settings, tables with their columns, SQLite's internal
/// tables, indexes, virtual tables, views, triggers.
package struct CatalogReader {
  package let database: Database
  package let schema: Schema
  private let estimates: [String: Int]

  /// Objects that come first.
  private let settings: [SchemaObject]
  private let form: Form

  /// How the catalogs of the engines with this dialect differ.
  package struct Form: Sendable {
    /// Virtual tables are backed up as the tables in which they store their content; if false, by their own rows.
    package var hasStorage: Bool
    /// The statistics of ANALYZE are backed up.
    package var hasStatistics: Bool
    /// Tables that do not belong to the user, in lower case.
    package var isHidden: @Sendable (String) -> Bool

    package init(hasStorage: Bool, hasStatistics: Bool, isHidden: @escaping @Sendable (String) -> Bool = { _ in false })
    {
      self.hasStorage = hasStorage
      self.hasStatistics = hasStatistics
      self.isHidden = isHidden
    }
  }

  package init(_ database: Database, settings: [SchemaObject], form: Form) throws(DriverFailure) {
    self.database = database
    self.settings = settings
    self.form = form
    schema = try Schema(of: database, readsVirtual: !form.hasStorage)
    estimates = try Self.estimates(database, schema)
  }

  package func write(into objects: ObjectWriter) throws(DriverFailure) {
    for setting in settings { try objects.write(setting) }
    for entry in try ordinaryTables() { try writeTable(entry, into: objects) }
    for entry in schema.entries where isVirtual(entry) && !form.hasStorage && VirtualTable(entry).hasRows {
      try writeTable(entry, into: objects)
    }
    for entry in schema.entries where entry.type == "table" && isInternal(entry) {
      try writeInternalTable(entry, into: objects)
    }
    for entry in schema.entries where entry.type == "table" && isOfCloudflare(entry) && !form.isHidden(entry.name) {
      try objects.write(
        SchemaObject(
          kind: "table", name: entry.name, definition: CanonicalSQL.text(of: entry.sql), flags: [.internal, .noRows]))
    }
    for entry in schema.entries where entry.type == "index" {
      try objects.write(object("index", entry, parent: entry.table))
    }
    for entry in schema.entries where isVirtual(entry) && (form.hasStorage || !VirtualTable(entry).hasRows) {
      try objects.write(virtualTable(entry))
    }
    for entry in schema.entries where entry.type == "view" { try objects.write(object("view", entry)) }
    for entry in schema.entries where entry.type == "trigger" {
      try objects.write(object("trigger", entry, parent: entry.table))
    }
  }

  /// In the order of creation, or with referenced tables first.
  private func ordinaryTables() throws(DriverFailure) -> [Schema.Entry] {
    let tables = schema.entries.filter { entry in
      let isShadow = schema.tables[entry.name]?.form == .shadow
      return entry.type == "table" && !isInternal(entry) && !isVirtual(entry) && !form.isHidden(entry.name)
        && !isOfCloudflare(entry) && (form.hasStorage || !isShadow)
    }
    if form.hasStorage { return tables }
    let order = try ReferenceOrder.sorted(tables.map(\.name), in: database)
    return order.compactMap { name in tables.first { $0.name == name } }
  }

  private func isInternal(_ entry: Schema.Entry) -> Bool { entry.name.lowercased().hasPrefix("sqlite_") }

  /// Tables that the runtime of wrangler keeps in a local D1 database. Only a copy of the file contains them.
  private func isOfCloudflare(_ entry: Schema.Entry) -> Bool { entry.name.lowercased().hasPrefix("_cf_") }

  private func isVirtual(_ entry: Schema.Entry) -> Bool {
    entry.type == "table" && schema.tables[entry.name]?.form == .virtual
  }

  private func object(
    _ kind: String, _ entry: Schema.Entry, parent: String = "", flags: ObjectFlags = []
  ) -> SchemaObject {
    SchemaObject(
      kind: kind, name: entry.name, parent: parent, definition: CanonicalSQL.text(of: entry.sql),
      ddl: CanonicalSQL.terminated(entry.sql) + exactText(entry), flags: flags)
  }

  /// Statements that put right what the sqlite3 shell makes of a carriage return in a statement's literals.
  private func exactText(_ entry: Schema.Entry) -> String {
    guard form.hasStorage, CanonicalSQL.quotesCarriageReturn(entry.sql) else { return "" }
    let name = SQLQuote.literal(entry.name)
    return """

      PRAGMA writable_schema=ON;
      UPDATE sqlite_schema SET sql=CAST(X'\(Hex.text(Array(entry.sql.utf8)))' AS TEXT) \
      WHERE type='\(entry.type)' AND name=\(name);
      PRAGMA writable_schema=RESET;
      """
  }

  private func writeTable(_ entry: Schema.Entry, into objects: ObjectWriter) throws(DriverFailure) {
    let table = schema.tables[entry.name]
    let isShadow = table?.form == .shadow
    var described = object(
      "table", entry, parent: isShadow ? schema.owner(ofShadow: entry.name) : "",
      // Of a table whose statement this library does not understand, no row can be read.
      flags: isShadow ? .shadow : table == nil ? .noRows : [])
    described.rowEstimate = estimates[entry.name]
    try objects.write(described)
    if let rowid = table?.implicitRowid {
      try objects.write(
        SchemaObject(
          kind: "column", name: rowid, parent: entry.name, nativeType: "INTEGER", definition: "rowid",
          flags: .implicit))
    }
    try writeColumns(table?.columns ?? [], of: entry.name, into: objects)
  }

  private func writeColumns(
    _ columns: [Schema.Column], of table: String, into objects: ObjectWriter
  ) throws(DriverFailure) {
    for column in columns {
      var flags: ObjectFlags = []
      var definition = [column.type]
      if column.isNotNull { flags.insert(.notNull) }
      if column.isNotNull { definition.append("NOT NULL") }
      if let value = column.byDefault { definition.append("DEFAULT \(CanonicalSQL.text(of: value))") }
      if column.keyPlace > 0 {
        flags.insert(.primaryKey)
        definition.append("PRIMARY KEY \(column.keyPlace)")
      }
      if column.isGenerated {
        flags.insert(.generated)
        definition.append("GENERATED")
      }
      try objects.write(
        SchemaObject(
          kind: "column", name: column.name, parent: table, nativeType: column.type,
          definition: definition.filter { !$0.isEmpty }.joined(separator: " "), flags: flags))
    }
  }

  /// sqlite_sequence and sqlite_stat1 cannot be created by name; other statements make SQLite create them. Tables of
  /// statistics that this library does not write cannot come back at all, and so are no objects.
  private func writeInternalTable(_ entry: Schema.Entry, into objects: ObjectWriter) throws(DriverFailure) {
    let ddl: String
    switch entry.name.lowercased() {
    case "sqlite_sequence": ddl = sequenceStatements
    case "sqlite_stat1" where form.hasStatistics: ddl = "ANALYZE sqlite_schema;"
    case "sqlite_stat4" where form.hasStatistics && sqlite3_compileoption_used("ENABLE_STAT4") != 0:
      ddl = "ANALYZE sqlite_schema;"
    default: return
    }
    try objects.write(
      SchemaObject(
        kind: "table", name: entry.name, definition: CanonicalSQL.text(of: entry.sql), ddl: ddl, flags: .internal,
        rowEstimate: estimates[entry.name]))
    try writeColumns(schema.tables[entry.name]?.columns ?? [], of: entry.name, into: objects)
  }

  /// A table that is made and dropped, so that SQLite makes its table of sequences.
  static let sequenceMaker = "belay sequence"

  /// Filling an AUTOINCREMENT table writes its sequence; the backup's own values follow as rows.
  private var sequenceStatements: String {
    let makesSequence = schema.entries.contains {
      $0.type == "table" && CanonicalSQL.contains("AUTOINCREMENT", in: $0.sql)
    }
    if makesSequence { return "DELETE FROM sqlite_sequence;" }
    // The last AUTOINCREMENT table was dropped, and SQLite keeps the table for ever.
    let name = SQLQuote.name(Self.sequenceMaker)
    return "CREATE TABLE \(name)(id INTEGER PRIMARY KEY AUTOINCREMENT);\nDROP TABLE \(name);"
  }

  /// CREATE VIRTUAL TABLE would make new, empty storage. The storage is backed up as the tables that it is, so only the
  /// entry in the schema is missing; sqlite3's own .dump does it so.
  private func virtualTable(_ entry: Schema.Entry) -> SchemaObject {
    var described = object("virtual_table", entry, flags: .noRows)
    guard form.hasStorage else {
      if VirtualTable(entry).isExternal {
        described.ddl += "\nINSERT INTO \(SQLQuote.name(entry.name))(\(SQLQuote.name(entry.name))) VALUES('rebuild');"
      }
      return described
    }
    described.ddl = """
      PRAGMA writable_schema=ON;
      INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql) \
      VALUES('table',\(SQLQuote.literal(entry.name)),\(SQLQuote.literal(entry.name)),0,\(SQLQuote.literal(entry.sql)));
      PRAGMA writable_schema=RESET;
      """
    return described
  }

  /// What the last ANALYZE counted, for progress bars.
  private static func estimates(_ database: Database, _ schema: Schema) throws(DriverFailure) -> [String: Int] {
    var estimates: [String: Int] = [:]
    guard schema.tables["sqlite_stat1"] != nil else { return estimates }
    try database.rows("SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl") { row in
      if let table = row.text(0) { estimates[table] = Int(row.integer(1)) }
    }
    return estimates
  }
}
