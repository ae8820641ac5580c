import Foundation
import Testing

/// A database in one of the engines, with what a migration tool has left in it.
enum AdoptedEngine: String, CaseIterable, Sendable {
  case sqlite, postgresql
}

struct AdoptedShop {
  let folder: BelayFolder
  private let run: (String) throws -> String

  init(_ engine: AdoptedEngine, schema: String = "") throws {
    switch engine {
    case .sqlite:
      // Without a statement there would be no file.
      let shop = try Workspace(schema: schema.isEmpty ? "VACUUM;" : schema)
      folder = shop
      run = { try shop.sqlite($0) }
    case .postgresql:
      let shop = try PostgreSQLWorkspace(schema: schema)
      folder = shop
      run = { try shop.psql($0) }
    }
  }

  func write(_ files: [String: String]) throws {
    for (name, text) in files { try folder.folder(of: "migrations/\(name)", text) }
  }

  /// What a query gives, a line per row, the columns with `|` between them.
  @discardableResult
  func query(_ sql: String) throws -> String { try run(sql).trimmingCharacters(in: .whitespacesAndNewlines) }

  /// The user's tables, by columns and rows.
  func content(_ engine: AdoptedEngine) throws -> String {
    let columns =
      switch engine {
      case .sqlite:
        """
        SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c
        WHERE m.name IN ('tags', 'notes', 'names') ORDER BY m.name, c.cid;
        """
      case .postgresql:
        """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_name IN ('tags', 'notes', 'names') ORDER BY table_name, ordinal_position;
        """
      }
    let shown = try query(columns)
    let tables = ["tags", "notes"].filter { table in
      shown.split(separator: "\n").contains { $0.hasPrefix("\(table)|") }
    }
    let rows = try query(tables.map { "SELECT * FROM \($0) ORDER BY 1;" }.joined(separator: "\n"))
    return shown + "\n" + rows
  }

  /// Columns and indexes of the tool's ledger, as the engine describes them.
  func ledgerSchema(_ engine: AdoptedEngine) throws -> String {
    let others = "('tags', 'notes', 'names', 'belay_migrations', 'sqlite_sequence')"
    switch engine {
    case .sqlite:
      return try query(
        """
        SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM sqlite_schema m, pragma_table_info(m.name) c
        WHERE m.type = 'table' AND m.name NOT IN \(others) ORDER BY m.name, c.cid;
        SELECT m.name, i.name, i."unique", c.name FROM sqlite_schema m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
        WHERE m.type = 'table' AND m.name NOT IN \(others) ORDER BY i.name;
        """)
    case .postgresql:
      return try query(
        """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
          pg_get_expr(d.adbin, d.adrelid)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND c.relname NOT IN \(others)
        ORDER BY c.relname, a.attnum;
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT IN \(others) ORDER BY indexname;
        """)
    }
  }

  func migrate(_ arguments: String...) throws -> Program.Outcome {
    try folder.belay(["migrate", folder.url, "--yes"] + arguments)
  }
}
