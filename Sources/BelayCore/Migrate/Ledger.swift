import BelayArchive
import BelayDrivers
import Foundation

/// The table in the target that says which migrations are applied. Its rows are written in the same transaction as the
/// migration, so that after a crash it tells what really happened.
struct Ledger {
  struct Row: Sendable, Equatable {
    let name: String
    let sha256: String
    let appliedAt: String
    let run: String
  }

  let table: String
  let context: RunContext

  /// What is applied, in order of name. Empty where the table does not exist yet.
  func rows(_ connection: Connection, catalog: Catalog) throws(BelayError) -> [Row] {
    guard catalog.objects.contains(where: { $0.kind == "table" && $0.name == table }) else { return [] }
    return try rows(connection)
  }

  func rows(_ connection: Connection) throws(BelayError) -> [Row] {
    do {
      let values = try connection.values(
        "SELECT name, sha256, applied_at, run_id FROM \(connection.traits.quoted(table))",
        operation: context.unstoppable())
      return values.map { row in
        let text = row.map(\.asText)
        return Row(
          name: text[0], sha256: text.count > 1 ? text[1] : "", appliedAt: text.count > 2 ? text[2] : "",
          run: text.count > 3 ? text[3] : "")
      }.sorted { MigrationFile.precedes($0.name, $1.name) }
    } catch {
      throw BelayError(
        error, doing: "cannot read the ledger \(table)", status: .refused, state: "the database is untouched")
    }
  }

  func create(_ connection: Connection) throws(DriverError) {
    _ = try connection.execute(
      """
      CREATE TABLE IF NOT EXISTS \(connection.traits.quoted(table)) (
        name VARCHAR(255) NOT NULL PRIMARY KEY,
        sha256 VARCHAR(64) NOT NULL,
        applied_at VARCHAR(32) NOT NULL,
        run_id VARCHAR(255) NOT NULL,
        duration_ms BIGINT NOT NULL
      )
      """, operation: context.stoppable())
  }

  func record(_ file: MigrationFile, run: String, milliseconds: Int, on connection: Connection) throws(DriverError) {
    _ = try connection.execute(
      """
      INSERT INTO \(connection.traits.quoted(table)) (name, sha256, applied_at, run_id, duration_ms) \
      VALUES (\(connection.traits.placeholders(5)))
      """,
      rows: [
        [
          .text(file.name), .text(file.sha256), .text(Moment.iso(Date())), .text(run), .integer(Int64(milliseconds)),
        ]
      ], operation: context.stoppable())
  }
}

extension Value {
  /// As a check's expectation or a message shows it. NULL is empty.
  var asText: String {
    switch self {
    case .null: ""
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .real(let value): String(value)
    case .text(let value), .native(let value): value
    case .blob(let bytes): "\\x" + hex(bytes)
    }
  }
}
