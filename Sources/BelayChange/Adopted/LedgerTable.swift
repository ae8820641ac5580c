import BelayBase
import BelayDatabase
import BelayDrivers

/// The table in which a tool keeps its ledger, in one database.
package struct LedgerTable: Sendable {
  package let engine: LedgerEngine
  package let name: String
  /// Empty: it goes by its name alone.
  package let schema: String
  private let traits: Traits

  package init(engine: LedgerEngine, name: String, schema: String, traits: Traits) {
    self.engine = engine
    self.name = name
    self.schema = schema
    self.traits = traits
  }

  /// With its schema, for statements.
  package var quoted: String { traits.quoted(schema: schema, name: name) }

  package func quoted(_ name: String) -> String { traits.quoted(name) }

  /// Another object's name in the same schema.
  package func quotedBeside(_ name: String) -> String { traits.quoted(schema: schema, name: name) }

  package func isIn(_ catalog: Catalog) -> Bool { table(in: catalog) != nil }

  package func table(in catalog: Catalog) -> CatalogTable? {
    catalog.tables.first { $0.name == name && (schema.isEmpty || $0.schema == schema) }
  }

  /// Every row, in the order in which they were written.
  func rows(
    _ columns: [String], orderedBy order: String, _ connection: Connection, context: RunContext
  ) throws(BelayError) -> [LedgerRow] {
    let selected = columns.map(traits.quoted).joined(separator: ", ")
    do {
      return try connection.values(
        "SELECT \(selected) FROM \(quoted) ORDER BY \(traits.quoted(order))", operation: context.unstoppable()
      ).map { LedgerRow(columns, $0) }
    } catch {
      throw BelayError(
        error, doing: "cannot read the ledger \(name)", kind: .refused, state: "the database is untouched")
    }
  }
}

/// The engines on which belay knows the SQL that tools make and fill their ledgers with: it is a part of what is known of
/// the tools, and differs by engine.
package enum LedgerEngine: String, Sendable {
  case sqlite, postgresql

  /// A blob's literal.
  package func blob(hex: String) -> String {
    switch self {
    case .sqlite: "X'\(hex)'"
    case .postgresql: "'\\x\(hex)'::bytea"
    }
  }
}
