import Foundation
import Testing

@Suite("Values of rows in reports")
struct ReportRowsTests {
  private static let checks = """
    targets: {shop: "sqlite:shop.db"}
    audit:
      - {name: mails, sql: "SELECT email FROM customers WHERE id < 3"}
    checks:
      - {name: no empty order, sql: "SELECT 'secret ' || id FROM orders WHERE cents < 0", when: after}

    """

  private func run(_ configuration: String) throws -> (shop: Workspace, outcome: Program.Outcome, files: [String]) {
    let shop = try Workspace()
    try shop.write(Self.checks + configuration, to: "belay.yaml")
    try shop.migration("1.sql", "UPDATE orders SET cents = -1 WHERE id = 7;")
    let outcome = try shop.belay("migrate", "shop", "--yes", "--no-rehearse")
    #expect(outcome.status == 31, "\(outcome)")
    let run = try #require(
      try FileManager.default.contentsOfDirectory(atPath: shop.store.appending(path: "runs").path)
        .filter { !$0.hasPrefix(".") }.max())
    let files = try ["report.md", "audit_report.txt"].map { name in
      try String(contentsOf: shop.store.appending(path: "runs/\(run)/\(name)"), encoding: .utf8)
    }
    return (shop, outcome, files)
  }

  @Test("are shown at the terminal, and are in no file")
  func absent() throws {
    let (_, outcome, files) = try run("")
    #expect(outcome.errors.contains("first: secret 7"), "\(outcome)")
    #expect(outcome.errors.contains("first: c1@example.org | c2@example.org"), "\(outcome)")
    for file in files {
      #expect(file.contains("found 2 rows"), "\(file)")
      #expect(!file.contains("secret 7") && !file.contains("example.org"), "\(file)")
    }
  }

  @Test("are in the files where belay.yaml says so")
  func present() throws {
    let (_, _, files) = try run("report: {row_values: true}\n")
    for file in files { #expect(file.contains("first: c1@example.org | c2@example.org"), "\(file)") }
    #expect(files[0].contains("secret 7"), "\(files[0])")
  }
}
