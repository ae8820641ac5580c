import BelayArchive
import BelayBase
import BelayDrivers
import BelayRows
import Foundation

/// belay's own table in the target with a row for each copy of a table there. A copy and its row come and go in one
/// transaction, so that none is without the other.
///
/// Its SQL has to work in every engine: names are quoted everywhere, and whether the table is there the catalog says.
package struct CopyLedger {
  package static let table = "belay_table_copies"
  /// Another table of belay's, with a row for each copy that was put back.
  package static let restores = "belay_table_restores"

  private static let columns = [
    "copy_schema", "copy_name", "table_schema", "table_name", "column_names", "made_at", "expires_at", "row_count",
    "digest", "run_id", "made_by", "belay_version",
  ]
  private static let types = [
    "VARCHAR(255) NOT NULL", "VARCHAR(255) NOT NULL", "VARCHAR(255) NOT NULL", "VARCHAR(255) NOT NULL",
    "TEXT NOT NULL", "VARCHAR(32) NOT NULL", "VARCHAR(32)", "BIGINT NOT NULL", "VARCHAR(64) NOT NULL",
    "VARCHAR(255) NOT NULL",
    "VARCHAR(255) NOT NULL", "VARCHAR(32) NOT NULL",
  ]

  private let connection: Connection
  private let context: RunContext
  /// Empty: the table goes by its name alone.
  private let schema: String

  /// - Throws: `.refused` where it is not clear which table is belay's.
  package init(on connection: Connection, context: RunContext) throws(BelayError) {
    self.connection = connection
    self.context = context
    do {
      schema = try connection.place(of: Self.table, operation: context.stoppable())
    } catch {
      throw BelayError(
        error, doing: "cannot tell where belay's table \(Self.table) is", kind: .refused, state: "nothing was changed")
    }
  }

  /// The table's own name, as messages have it.
  package var name: TableName { TableName(schema: schema, name: Self.table) }

  package func exists(in catalog: Catalog) -> Bool {
    catalog.objects.contains {
      $0.kind == "table" && $0.name == Self.table && (schema.isEmpty || $0.schema == schema)
    }
  }

  // MARK: Reading

  /// Every copy that is recorded, in the order of their names; none where there is no such table.
  package func copies(in catalog: Catalog) throws(BelayError) -> [TableCopy] {
    guard exists(in: catalog) else { return [] }
    let rows: [[Value]]
    do {
      rows = try connection.values("SELECT \(list) FROM \(quoted)", operation: context.stoppable())
    } catch {
      throw BelayError(error, doing: "cannot read belay's table \(name)", kind: .refused, state: "nothing was changed")
    }
    return rows.compactMap(Self.copy).sorted { $0.name < $1.name }
  }

  /// Whoever may write to the table must not make belay take another table for a copy.
  private static func copy(_ row: [Value]) -> TableCopy? {
    let text = row.map(\.asText)
    guard text.count == columns.count, text[1].hasPrefix(CopyName.prefix) else { return nil }
    return TableCopy(
      name: TableName(schema: text[0], name: text[1]), table: TableName(schema: text[2], name: text[3]),
      columns: columns(in: text[4]), madeAt: text[5], expiresAt: row[6].isNull ? nil : text[6],
      state: TableState(rows: row[7].integer.map { UInt64(clamping: $0) } ?? 0, digest: text[8]), run: text[9],
      madeBy: text[10], belayVersion: text[11])
  }

  /// An array of JSON; empty where it cannot be read, as no copy is.
  private static func columns(in text: String) -> [String] {
    (try? JSONDecoder().decode([String].self, from: Data(text.utf8))) ?? []
  }

  private static func text(of columns: [String]) throws(BelayError) -> String {
    do {
      return String(decoding: try JSONEncoder().encode(columns), as: UTF8.self)
    } catch {
      throw BelayError(.failed, "the names of columns cannot be written as JSON: \(error)")
    }
  }

  // MARK: Writing

  /// Makes the table.
  package func make() throws(BelayError) {
    let columns = zip(Self.columns, Self.types).map { "\(connection.traits.quoted($0)) \($1)" }
    let key = Self.columns.prefix(2).map(connection.traits.quoted).joined(separator: ", ")
    try execute("CREATE TABLE \(quoted) (\(columns.joined(separator: ", ")), PRIMARY KEY (\(key)))", "make")
  }

  package func add(_ copy: TableCopy) throws(BelayError) {
    let row: [Value] = [
      .text(copy.name.schema), .text(copy.name.name), .text(copy.table.schema), .text(copy.table.name),
      .text(try Self.text(of: copy.columns)), .text(copy.madeAt), copy.expiresAt.map { .text($0) } ?? .null,
      .integer(Int64(clamping: copy.state.rows)),
      .text(copy.state.digest), .text(copy.run), .text(copy.madeBy), .text(copy.belayVersion),
    ]
    do {
      _ = try connection.execute(
        "INSERT INTO \(quoted) (\(list)) VALUES (\(connection.traits.placeholders(row.count)))", rows: [row],
        operation: context.stoppable())
    } catch {
      throw failure(error, "write to")
    }
  }

  package func remove(_ copy: TableCopy) throws(BelayError) {
    let traits = connection.traits
    try execute(
      "DELETE FROM \(quoted) WHERE \(traits.quoted("copy_schema")) = \(SQLQuote.literal(copy.name.schema)) "
        + "AND \(traits.quoted("copy_name")) = \(SQLQuote.literal(copy.name.name))", "write to")
  }

  private var quoted: String { connection.traits.quoted(schema: schema, name: Self.table) }
  private var list: String { Self.columns.map(connection.traits.quoted).joined(separator: ", ") }

  private func execute(_ sql: String, _ verb: String) throws(BelayError) {
    do {
      _ = try connection.execute(sql, operation: context.stoppable())
    } catch {
      throw failure(error, verb)
    }
  }

  private func failure(_ error: DriverError, _ verb: String) -> BelayError {
    BelayError(error, doing: "cannot \(verb) belay's table \(name)", kind: .failed)
  }
}
