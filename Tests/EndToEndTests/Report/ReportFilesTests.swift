import Foundation
import Testing

@Suite("The files of a run's report")
struct ReportFilesTests {
  enum Ending: String, CaseIterable, CustomTestStringConvertible {
    case applied, nothingToApply, preflightRefuses, rehearsalFails, notConfirmed, checkFails, statementFails, backup

    var testDescription: String { rawValue }
    var statuses: Set<Int32> {
      switch self {
      case .applied, .nothingToApply, .backup: [0]
      case .preflightRefuses: [22]
      case .rehearsalFails, .statementFails: [30]
      case .notConfirmed: [22]
      case .checkFails: [31]
      }
    }
  }

  private func files(of shop: Workspace) throws -> (folder: URL, names: Set<String>) {
    let runs = shop.store.appending(path: "runs")
    let last = try #require(try FileManager.default.contentsOfDirectory(atPath: runs.path).max())
    let folder = runs.appending(path: last)
    return (folder, Set(try FileManager.default.contentsOfDirectory(atPath: folder.path)))
  }

  @Test("are written, however it ends", arguments: Ending.allCases)
  func every(ending: Ending) throws {
    let shop = try Workspace()
    try shop.write(
      """
      targets: { shop: sqlite:shop.db }
      checks: [{ name: dear, sql: SELECT 1 FROM orders WHERE cents < 0, when: after }]

      """, to: "belay.yaml")
    var arguments = ["migrate", "--yes"]
    switch ending {
    case .applied: try shop.migration("1.sql", "UPDATE orders SET cents = 1;")
    case .nothingToApply:
      try shop.migration("1.sql", "UPDATE orders SET cents = 1;")
      try shop.belay("migrate", "--yes")
    case .preflightRefuses: try shop.migration("1.sql", "BEGIN; UPDATE orders SET cents = 1; COMMIT;")
    case .rehearsalFails: try shop.migration("1.sql", "UPDATE nowhere SET cents = 1;")
    case .notConfirmed:
      try shop.migration("1.sql", "UPDATE orders SET cents = 1;")
      arguments = ["migrate"]
    case .checkFails:
      try shop.migration("1.sql", "UPDATE orders SET cents = -1;")
      arguments.append("--no-rehearse")
    case .statementFails:
      try shop.migration("1.sql", "UPDATE orders SET cents = 1;\nUPDATE nowhere SET cents = 1;")
      arguments.append("--no-rehearse")
    case .backup: arguments = ["backup"]
    }
    let run = try shop.belay(arguments)
    #expect(ending.statuses.contains(run.status), "\(run)")
    let (folder, names) = try files(of: shop)
    #expect(names.isSuperset(of: ["report.md", "report.html"]), "\(names)")
    let page = try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8)
    #expect(page.contains("(exit \(run.status))") && page.hasSuffix("</html>\n"), "\(page.suffix(200))")
    let verified: Set<Ending> = [.applied, .checkFails, .statementFails]
    #expect(names.contains("verification_report.txt") == verified.contains(ending), "\(names)")
    guard ending == .applied else { return }
    let text = try String(contentsOf: folder.appending(path: "verification_report.txt"), encoding: .utf8)
    for line in ["ok   dear: expected no rows", "ok   schema: as in the rehearsal", "ok   contract: 1.sql", "orders"] {
      #expect(text.contains(line), "\(text)")
    }
    let report = try shop.latestReport()
    for line in [
      "description: migrate: 1.sql", "records migrated: 100 updated", "rollback available: yes: belay rollback",
    ] {
      #expect(report.contains(line), "\(report)")
    }
  }

  @Test("show rows of spot checks before and after, and mask what is to be masked; a slip there shows nothing")
  func spotChecks() throws {
    let shop = try Workspace()
    try shop.write(
      """
      targets: { shop: sqlite:shop.db }
      spot_checks:
        - { name: cheap, sql: 'SELECT o.id, cents, email FROM orders o JOIN customers c ON c.id = customer ORDER BY o.id', mask: EMail, rows: 2 }
        - { name: slip, sql: SELECT email FROM customers, mask: e-mail }
        - { name: later, sql: SELECT discount FROM orders LIMIT 1 }
        - { name: writes, sql: DELETE FROM orders }

      """, to: "belay.yaml")
    try shop.migration(
      "1.sql", "ALTER TABLE orders ADD COLUMN discount INTEGER DEFAULT 7;\nUPDATE orders SET cents = 4711 WHERE id = 1;"
    )
    let run = try shop.belay("migrate", "shop", "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    let (folder, _) = try files(of: shop)
    for name in ["report.md", "report.html"] {
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      for found in [
        "(masked)", "4711", "and more rows", "names e-mail, which is no column", "no such column: discount",
        "cannot run",
      ] {
        #expect(text.contains(found), "\(found): \(text)")
      }
      #expect(!text.contains("@example.org"), "\(text)")
    }
    #expect(try shop.sqlite("SELECT count(*) FROM orders") == "100")
  }

  @Test("hold hostile names and values as text")
  func hostile() throws {
    let name = "<script>alert(1)</script>\u{202E}\u{1B}[31m\n# x"
    let shop = try Workspace(
      schema: "CREATE TABLE \"\(name)\" (v TEXT); INSERT INTO \"\(name)\" VALUES ('<img src=x onerror=alert(1)>');")
    try shop.write(
      """
      targets: { shop: sqlite:shop.db }
      spot_checks: [{ name: '<b>bold</b>', sql: "SELECT v AS '<i>' FROM (SELECT * FROM sqlite_master, (SELECT '<img src=x onerror=alert(1)>' AS v) LIMIT 1)" }]

      """, to: "belay.yaml")
    try shop.migration("1_<u>.sql", "UPDATE \"\(name)\" SET v = '</pre><script>alert(2)</script>';")
    let run = try shop.belay("migrate", "shop", "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    let (folder, _) = try files(of: shop)
    let page = try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8)
    for tag in ["<script", "<img", "<b>", "<i>", "<u>"] { #expect(!page.contains(tag), "\(tag)") }
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}\\x1b[31m\\n# x"), "\(page)")
    #expect(!page.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.properties.isBidiControl })
  }
}
