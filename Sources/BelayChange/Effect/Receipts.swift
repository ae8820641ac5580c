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

  package init(table: String) { self.table = table }

  /// The columns of the table.
  package static let columns = ["name", "sha256", "applied_at", "run_id", "duration_ms"]

  // MARK: Reading

  package func exists(in catalog: Catalog) -> Bool {
    catalog.objects.contains { $0.kind == "table" && $0.name == table }
  }

  /// Every row, in the engine's order. Fails where there is no such table.
  package func rows(_ connection: Connection, context: RunContext) throws(BelayError) -> [Row] {
    let columns = ["name", "sha256", "applied_at", "run_id"]
    return try connection.texts(columns, of: table, context: context).map { text in
      Row(name: text[0], sha256: text[1], appliedAt: text[2], run: text[3])
    }
  }

  /// The parts that a run has recorded; none where there is no such table.
  package func parts(of run: String, _ connection: Connection, context: RunContext) throws(BelayError) -> [String] {
    guard exists(in: try Self.catalog(connection, context)) else { return [] }
    return try rows(connection, context: context).filter { $0.run == run }.map(\.name)
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
    exists(in: catalog) ? nil : LedgerStatements(table: table, traits: traits).creation
  }

  package func record(
    _ part: String, sha256: String, run: String, milliseconds: Int, on connection: Connection, context: RunContext
  ) throws(DriverError) {
    _ = try connection.execute(
      LedgerStatements(table: table, traits: connection.traits).insertion,
      rows: [
        [.text(part), .text(sha256), .text(Moment.iso(Date())), .text(run), .integer(Int64(milliseconds))]
      ], operation: context.stoppable())
  }

  /// The statement that records a part, for where nothing can be bound.
  package func recording(_ part: String, sha256: String, run: String, milliseconds: Int, _ traits: Traits) -> String {
    LedgerStatements(table: table, traits: traits).insertion(
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
    _ columns: [String], of table: String, context: RunContext
  ) throws(BelayError) -> [[String]] {
    do {
      let values = try values(
        "SELECT \(columns.map(traits.quoted).joined(separator: ", ")) FROM \(traits.quoted(table))",
        operation: context.unstoppable())
      return values.map { row in columns.indices.map { row.indices.contains($0) ? row[$0].asText : "" } }
    } catch {
      throw BelayError(
        error, doing: "cannot read the ledger \(table)", kind: .refused, state: "the database is untouched")
    }
  }
}
