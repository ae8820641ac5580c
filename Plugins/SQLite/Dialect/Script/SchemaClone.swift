import BelayDriverKit
import CSQLite

/// An empty in-memory database with the live one's schema. A script's statements are compiled in it and its DDL is run
/// in it, so that each statement is analyzed against the schema that those before it leave.
///
/// It cannot write to a file: the authorizer refuses ATTACH and load_extension, and VACUUM is never run.
package final class SchemaClone {
  package let database: Database
  package let recorder = WriteRecorder()
  /// What the schema needs and this library lacks is no reason not to read what it says.
  private let standIns: StandIns

  package init(of live: Database) throws(DriverFailure) {
    database = try Database(
      ":memory:", shownAs: "the schema", flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY,
      watch: live.watch)
    standIns = StandIns(on: database)
    // Cascades and triggers do not count as writes of the statement itself.
    try database.run("PRAGMA foreign_keys=OFF; PRAGMA encoding=\(SQLQuote.literal(try live.text("PRAGMA encoding")))")
    setTriggers(false)
    try build(try Schema(of: live))
    recorder.attach(to: database.handle)
  }

  /// Triggers are needed only if a statement writes to a view, which cannot be compiled without them.
  package func setTriggers(_ isOn: Bool) {
    _ = belay_sqlite3_db_flag(database.handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, isOn ? 1 : 0)
  }

  /// Statements that need a module which this library lacks fail here. Statements of the script that use their objects fail
  /// later too, and are then flagged.
  private func build(_ schema: Schema) throws(DriverFailure) {
    try database.run("BEGIN")
    for type in ["table", "index", "view", "trigger"] {
      for entry in schema.entries where entry.type == type {
        let isInternal = entry.name.lowercased().hasPrefix("sqlite_")
        if isInternal || schema.tables[entry.name]?.form == .shadow { continue }
        make(entry)
      }
    }
    try database.run("COMMIT")
    if schema.tables["sqlite_stat1"] != nil { try database.run("ANALYZE sqlite_schema") }
  }

  private func make(_ entry: Schema.Entry) {
    while true {
      do throws(DriverFailure) {
        return try database.run(entry.sql)
      } catch {
        guard let missing = MissingPart(error), standIns.add(missing) else { return }
      }
    }
  }

  /// Every object, to find out what a statement has changed.
  package func objects() throws(DriverFailure) -> [ObjectKey: String] {
    var objects: [ObjectKey: String] = [:]
    let sql =
      "SELECT type, name, tbl_name, sql, 0 FROM main.sqlite_schema WHERE sql IS NOT NULL"
      + " UNION ALL SELECT type, name, tbl_name, sql, 1 FROM temp.sqlite_schema WHERE sql IS NOT NULL"
    try asking(sql) { row in
      let key = ObjectKey(
        type: row.text(0) ?? "", name: row.text(1) ?? "", table: row.text(2) ?? "", isTemporary: row.integer(4) != 0)
      objects[key] = row.text(3) ?? ""
    }
    return objects
  }

  /// A table's columns by name, in order.
  /// - Parameter onlyWritable: without those that no statement can give a value.
  package func columns(of table: String, onlyWritable: Bool = false) throws(DriverFailure) -> [String] {
    var columns: [String] = []
    try asking("SELECT name, hidden FROM pragma_table_xinfo(?1) ORDER BY cid", [table]) { row in
      if !onlyWritable || row.integer(1) == 0 { columns.append(row.text(0) ?? "") }
    }
    return columns
  }

  /// What a name refers to now: "table", "virtual", "shadow" or "view"; nil: nothing.
  package func form(of name: String, temporary: Bool = false) throws(DriverFailure) -> Schema.Table.Form? {
    var form: Schema.Table.Form?
    let sql = "SELECT type FROM pragma_table_list(?1) WHERE schema = ?2"
    try asking(sql, [name, temporary ? "temp" : "main"]) { row in
      form = Schema.Table.Form(rawValue: row.text(0) ?? "")
    }
    return form
  }

  /// An index or trigger of this name exists.
  package func has(_ type: String, _ name: String) throws(DriverFailure) -> Bool {
    var found = false
    let sql =
      "SELECT 1 FROM main.sqlite_schema WHERE type = ?1 AND name = ?2 COLLATE NOCASE"
      + " UNION ALL SELECT 1 FROM temp.sqlite_schema WHERE type = ?1 AND name = ?2 COLLATE NOCASE"
    try asking(sql, [type, name]) { _ in found = true }
    return found
  }

  /// The tables in which a virtual table stores its content.
  package func shadows(of table: String) throws(DriverFailure) -> [String] {
    var shadows: [String] = []
    let sql =
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'"
      + " AND lower(substr(name, 1, length(?1) + 1)) = lower(?1) || '_' ORDER BY name"
    try asking(sql, [table]) { row in shadows.append(row.text(0) ?? "") }
    return shadows
  }

  /// The virtual table that a shadow table belongs to: the longest name that fits.
  package func owner(ofShadow name: String) throws(DriverFailure) -> String {
    var owner = ""
    let sql =
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'virtual'"
      + " AND lower(substr(?1, 1, length(name) + 1)) = lower(name) || '_' ORDER BY length(name)"
    try asking(sql, [name]) { row in owner = row.text(0) ?? "" }
    return owner
  }

  /// A query of the driver's own, which must not be recorded.
  private func asking(
    _ sql: String, _ values: [String] = [], _ body: (borrowing Statement) throws(DriverFailure) -> Void
  ) throws(DriverFailure) {
    recorder.isListening = false
    defer { recorder.isListening = true }
    try database.rows(sql, values, body)
  }

  package struct ObjectKey: Hashable {
    package var type: String
    package var name: String
    package var table: String
    package var isTemporary: Bool
  }
}
