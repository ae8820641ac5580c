import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// belay's own table in the target. A change leaves a row in it for each of its parts, in the transaction or call of that
/// part: after a crash or a lost answer the rows say what took effect.
package struct Receipts: Sendable, Equatable {
  /// One row.
  package struct Row: Sendable, Equatable {
    /// The part's: a file's name.
    package let name: String
    package let sha256: String
    /// ISO 8601, UTC.
    package let appliedAt: String
    package let run: String
  }

  package static let defaultTable = "belay_migrations"

  package let table: String
  /// Empty: not known yet, or none; the table goes by its name alone.
  package let schema: String

  package init(table: String, schema: String = "") {
    self.table = table
    self.schema = schema
  }

  /// With the schema that the table has, or gets, in a database: whatever a script has set for its session, the table
  /// stays the same one.
  package func placed(on connection: Connection, context: RunContext) throws(BelayError) -> Receipts {
    guard schema.isEmpty else { return self }
    do {
      return Receipts(table: table, schema: try connection.place(of: table, operation: context.unstoppable()))
    } catch {
      throw BelayError(
        error, doing: "cannot tell where the ledger \(table) is", kind: .refused, state: "the database is untouched")
    }
  }

  package func quoted(_ traits: Traits) -> String { traits.quoted(schema: schema, name: table) }

  /// The columns of the table.
  package static let columns = ["name", "sha256", "applied_at", "run_id", "duration_ms"]

  package func statements(_ traits: Traits) -> LedgerStatements {
    LedgerStatements(table: table, schema: schema, traits: traits)
  }

  // MARK: Reading

  package func exists(in catalog: Catalog) -> Bool {
    catalog.objects.contains { $0.kind == "table" && $0.name == table && (schema.isEmpty || $0.schema == schema) }
  }

  /// Every row, in the engine's order. Fails where there is no such table.
  package func rows(_ connection: Connection, context: RunContext) throws(BelayError) -> [Row] {
    let columns = ["name", "sha256", "applied_at", "run_id"]
    return try connection.texts(columns, of: table, schema: schema, context: context).map { text in
      Row(name: text[0], sha256: text[1], appliedAt: text[2], run: text[3])
    }
  }

  /// The parts that a run has recorded; none where there is no such table.
  package func parts(of run: String, _ connection: Connection, context: RunContext) throws(BelayError) -> [String] {
    let placed = try placed(on: connection, context: context)
    guard placed.exists(in: try Self.catalog(connection, context)) else { return [] }
    return try placed.rows(connection, context: context).filter { $0.run == run }.map(\.name)
  }

  static func catalog(_ connection: Connection, _ context: RunContext) throws(BelayError) -> Catalog {
    do {
      return try connection.catalog(operation: context.unstoppable())
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .outcomeUnknown)
    }
  }

  // MARK: Writing

  /// The statement that makes the table; none where the catalog has it.
  package func maker(_ traits: Traits, in catalog: Catalog) -> String? {
    exists(in: catalog) ? nil : statements(traits).creation
  }

  package func record(
    _ part: String, sha256: String, run: String, milliseconds: Int, on connection: Connection, context: RunContext
  ) throws(DriverError) {
    _ = try connection.execute(
      statements(connection.traits).insertion,
      rows: [
        [.text(part), .text(sha256), .text(Moment.iso(Date())), .text(run), .integer(Int64(milliseconds))]
      ], operation: context.stoppable())
  }

  /// The statement that records a part, for where nothing can be bound.
  package func recording(_ part: String, sha256: String, run: String, milliseconds: Int, _ traits: Traits) -> String {
    statements(traits).insertion(
      name: part, sha256: sha256, appliedAt: Moment.iso(Date()), run: run, milliseconds: milliseconds)
  }
}

extension String {
  /// In single quotes, as every engine reads it.
  package var sqlLiteral: String { SQLQuote.literal(self) }
}

extension Connection {
  /// Some columns of every row of a ledger, as text.
  package func texts(
    _ columns: [String], of table: String, schema: String = "", context: RunContext
  ) throws(BelayError) -> [[String]] {
    do {
      let values = try values(
        "SELECT \(columns.map(traits.quoted).joined(separator: ", ")) FROM \(traits.quoted(schema: schema, name: table))",
        operation: context.unstoppable())
      return values.map { row in columns.indices.map { row.indices.contains($0) ? row[$0].asText : "" } }
    } catch {
      throw BelayError(
        error, doing: "cannot read the ledger \(table)", kind: .refused, state: "the database is untouched")
    }
  }
}
