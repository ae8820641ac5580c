import BelayDrivers

/// The table in which an engine's own tool keeps what was applied. The tool's other columns have defaults.
struct ToolLedger: Sendable, Equatable {
  var table: String
  /// One statement that makes it, and does no harm where it is.
  var ddl: String
  var nameColumn: String
  var timeColumn: String

  /// As `wrangler d1 migrations apply` makes it.
  static let wrangler = ToolLedger(
    table: "d1_migrations",
    ddl: """
      CREATE TABLE IF NOT EXISTS "d1_migrations"(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, \
      applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)
      """, nameColumn: "name", timeColumn: "applied_at")
}

extension Traits {
  /// That of the engine's usual convention; nil where it has none, or one that belay does not know.
  var toolLedger: ToolLedger? { convention == "wrangler-d1" ? .wrangler : nil }
}
