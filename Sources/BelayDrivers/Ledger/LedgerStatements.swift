import BelayRows

/// The SQL of belay's ledger, a table in the target with a row for each part of a change.
///
/// It has to work in every engine: names are quoted everywhere, so that no engine folds them to another case; there is no
/// `IF NOT EXISTS`, because the catalog says whether the table is there; no statement writes more than one row.
package struct LedgerStatements: Sendable {
  /// As the columns are named, in their order.
  package static let columns = ["name", "sha256", "applied_at", "run_id", "duration_ms"]
  private static let types = [
    "VARCHAR(255) NOT NULL PRIMARY KEY", "VARCHAR(64) NOT NULL", "VARCHAR(32) NOT NULL", "VARCHAR(255) NOT NULL",
    "BIGINT NOT NULL",
  ]

  private let table: String
  private let traits: Traits

  /// - Parameter schema: empty: the table goes by its name alone.
  package init(table: String, schema: String = "", traits: Traits) {
    self.table = traits.quoted(schema: schema, name: table)
    self.traits = traits
  }

  /// Makes the table, where there is none.
  package var creation: String {
    let columns = zip(Self.columns, Self.types).map { "\(traits.quoted($0)) \($1)" }
    return "CREATE TABLE \(table) (\(columns.joined(separator: ", ")))"
  }

  /// Adds one row, by parameters in the order of the columns.
  package var insertion: String { insertion(values: traits.placeholders(Self.columns.count)) }

  /// Adds one row, for where nothing can be bound.
  package func insertion(name: String, sha256: String, appliedAt: String, run: String, milliseconds: Int) -> String {
    let texts = [name, sha256, appliedAt, run].map(SQLQuote.literal)
    return insertion(values: (texts + [String(milliseconds)]).joined(separator: ", "))
  }

  /// Removes the row of one part.
  package func deletion(of name: String) -> String {
    "DELETE FROM \(table) WHERE \(traits.quoted("name")) = \(SQLQuote.literal(name))"
  }

  private func insertion(values: String) -> String {
    "INSERT INTO \(table) (\(Self.columns.map(traits.quoted).joined(separator: ", "))) VALUES (\(values))"
  }
}
