import Foundation
import Testing

@Suite("report.html in a browser")
struct BrowserTests {
  private static let many = (0..<500).map {
    "CREATE TABLE table_\($0) (id INTEGER PRIMARY KEY, value TEXT); INSERT INTO table_\($0)(value) VALUES ('a');"
  }.joined(separator: "\n")

  /// The reports that are looked at, by their names.
  private func reports() throws -> (shops: [Workspace], files: [(name: String, file: URL)]) {
    let success = try Workspace()
    try success.write(
      """
      targets: { shop: sqlite:shop.db }
      checks: [{ not_null: { table: customers, column: name } }, { row_count: { table: orders, min: 50 } }]
      audit: [{ name: customers without mail, sql: SELECT id FROM customers WHERE email IS NULL }]
      spot_checks: [{ name: first customers, sql: 'SELECT id, name, email FROM customers LIMIT 3', mask: email }]

      """, to: "belay.yaml")
    try success.migration(
      "1_tags.sql",
      "CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO tags(name) VALUES ('new'), ('old');")
    try success.migration("2_prices.sql", "UPDATE orders SET cents = cents + 1 WHERE cents > 500;")
    #expect(try [0, 3].contains(success.belay("migrate", "shop", "--yes").status))

    let large = try Workspace(schema: Self.many)
    try large.write("formats: [native]\n", to: "belay.yaml")
    try large.migration(
      "1_grow.sql",
      (0..<500).map {
        "INSERT INTO table_\($0)(value) SELECT 'b' FROM table_0, (VALUES (1), (2), (3)) LIMIT \($0 % 3 + 1);"
      }
      .joined(separator: "\n"))
    #expect(try [0, 3].contains(large.belay("migrate", large.url, "--yes").status))

    let loss = try Workspace()
    try loss.migration("1_tidy.sql", "DELETE FROM customers WHERE id < 5;")
    #expect(try loss.belay("migrate", loss.url, "--yes").status == 31)

    let back = try Workspace()
    try back.migration("1_tidy.sql", "DELETE FROM orders WHERE id < 50;")
    #expect(try [0, 3].contains(back.belay("migrate", back.url, "--yes").status))
    let rolledBack = try back.rollback(try back.latest())
    #expect(rolledBack.status == 0, "\(rolledBack)")
    let shops = [success, large, loss, back]
    return (
      shops,
      try zip(["success", "500 tables", "collateral loss", "rollback"], shops).map { name, shop in
        let runs = shop.store.appending(path: "runs")
        let last = try #require(try FileManager.default.contentsOfDirectory(atPath: runs.path).max())
        return (name, runs.appending(path: "\(last)/report.html"))
      }
    )
  }

  @Test("fits a phone and a desk, can be read in light and dark, and says nothing to the console")
  func reading() throws {
    let (shops, files) = try reports()
    defer { withExtendedLifetime(shops) {} }
    let browser = try Browser(folder: shops[0].folder)
    for (index, report) in files.enumerated() {
      #expect(try Data(contentsOf: report.file).count < 1_000_000, "\(report.name)")
      try FileManager.default.copyItem(at: report.file, to: browser.folder.appending(path: "report-\(index).html"))
    }
    let names = files.indices.map { "report-\($0).html" }
    try shops[0].write(ReadingPage.text(of: names, widths: [360, 1100]), to: "reading.html")
    for scheme in Browser.Scheme.allCases {
      let (page, console) = try browser.contents(of: browser.folder.appending(path: "reading.html"), scheme)
      #expect(page.contains("looked at all"), "\(page.suffix(3000))")
      for wrong in ["OVERFLOW", "HEADING: ", "CONTRAST"] {
        let lines = page.split(separator: "\n").filter { $0.hasPrefix("report-") && $0.contains(wrong) }
        #expect(lines.isEmpty, "\(lines.prefix(10))")
      }
      #expect(page.contains("report-3.html at 360: \(scheme)"), "\(page.suffix(3000))")
      #expect(console.isEmpty, "\(console)")
    }
    let kept = ProcessInfo.processInfo.environment["BELAY_TEST_PICTURES"].map { URL(filePath: $0) }
    for (index, name) in names.enumerated() {
      let scheme = index % 2 == 0 ? Browser.Scheme.light : .dark
      let picture = try browser.picture(
        of: browser.folder.appending(path: name), scheme, width: 1100, height: 1600, to: "report-\(index).png")
      #expect(picture.count > 30_000, "\(files[index].name)")
      try kept.map { try picture.write(to: $0.appending(path: "report-\(index).png")) }
    }
    try shops[0].write(ReadingPage.text(of: names, widths: [360]), to: "phone.html")
    let phone = try browser.picture(
      of: browser.folder.appending(path: "phone.html"), .light, width: 1500, height: 920, to: "phone.png")
    #expect(phone.count > 30_000)
    try kept.map { try phone.write(to: $0.appending(path: "phone.png")) }
  }
}
