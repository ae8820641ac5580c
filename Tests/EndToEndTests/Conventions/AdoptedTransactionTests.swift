import Foundation
import Testing

/// Whether a file runs in a transaction is said as its tool has it said.
@Suite("Transactions of files of other tools")
struct AdoptedTransactionTests {
  struct Rule: Sendable, CustomTestStringConvertible {
    let tool: AdoptedCase
    let files: [String: String]
    let isTransaction: Bool
    var testDescription: String { "\(tool.tool): \(files.keys.sorted().joined(separator: ", "))" }

    init(_ tool: AdoptedCase, _ files: [String: String], isTransaction: Bool = false) {
      self.tool = tool
      self.files = files
      self.isTransaction = isTransaction
    }
  }

  private static let rules: [Rule] = [
    Rule(.dbmate, ["11_x.sql": "-- migrate:up transaction:false\nVACUUM;\n-- migrate:down\n"]),
    Rule(.dbmate, ["11_x.sql": "-- migrate:up\nSELECT 1;\n-- migrate:down transaction:false\n"], isTransaction: true),
    Rule(.goose, ["00011_x.sql": "-- +goose NO TRANSACTION\n-- +goose Up\nVACUUM;\n"]),
    Rule(.sqlx, ["11_x.sql": "-- no-transaction\nVACUUM;\n"]),
    Rule(.sqlx, ["11_x.sql": "-- first\n-- no-transaction\nSELECT 1;\n"], isTransaction: true),
    Rule(
      .diesel,
      ["2026-02-01-100000_x/up.sql": "VACUUM;", "2026-02-01-100000_x/metadata.toml": "run_in_transaction = false\n"]),
    Rule(
      .diesel,
      ["2026-02-01-100000_x/up.sql": "SELECT 1;", "2026-02-01-100000_x/metadata.toml": "run_in_transaction = true\n"],
      isTransaction: true),
    Rule(.golangMigrate, ["11_x.up.sql": "VACUUM;"]),
    Rule(.golangMigrate, ["11_x.up.sql": "BEGIN;\nCREATE TABLE a (x);\nSELECT 1;\nCOMMIT;\n"], isTransaction: true),
    Rule(.flyway, ["V11__x.sql": "SELECT 1;", "V11__x.sql.conf": "executeInTransaction=false"]),
    Rule(.flyway, ["V11__x.sql": "VACUUM;"]),
  ]

  @Test("as the plan shows it", arguments: rules)
  func planned(rule: Rule) throws {
    let shop = try AdoptedShop(.sqlite, schema: AdoptedCase.firstUp + (rule.tool.ledger[.sqlite] ?? ""))
    // Only the file that is applied, and the one in question.
    try shop.write(rule.tool.files.filter { $0.key.contains("first") }.merging(rule.files) { $1 })
    let run = try shop.folder.belay("migrate", shop.folder.url, "--plan")
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("no transaction, statement by statement") == !rule.isTransaction, "\(run)")
  }

  @Test(
    "an index that is built concurrently, in PostgreSQL, and its row in the ledger",
    arguments: [AdoptedCase.golangMigrate])
  func concurrently(tool: AdoptedCase) throws {
    let shop = try AdoptedShop(.postgresql, schema: AdoptedCase.firstUp + (tool.ledger[.postgresql] ?? ""))
    try shop.write(tool.files.filter { $0.key.contains("first") })
    try shop.write(["2_x.up.sql": "CREATE INDEX CONCURRENTLY by_name ON tags (name);"])
    let run = try shop.migrate("--no-rehearse")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.query(try #require(tool.query[.postgresql])) == "2|clean")
  }
}
