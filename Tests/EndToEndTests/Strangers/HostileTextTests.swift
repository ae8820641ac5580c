import Foundation
import Testing

@Suite("text of strangers is shown, not obeyed")
struct HostileTextTests {
  private static let escape = "\u{1B}]0;PWN\u{07}\u{1B}[2J\u{9B}31m\u{202E}"

  /// Everything that a run has printed and written for people.
  private func check(_ run: Program.Outcome, _ shop: Workspace, _ what: String) throws {
    var texts = [("stdout", run.output), ("stderr", run.errors)]
    let runs = shop.store.appending(path: "runs")
    for name in (try? FileManager.default.subpathsOfDirectory(atPath: runs.path)) ?? [] {
      guard name.hasSuffix(".md") || name.hasSuffix(".txt") else { continue }
      texts.append((name, try String(contentsOf: runs.appending(path: name), encoding: .utf8)))
    }
    for (place, text) in texts {
      let bad = text.unicodeScalars.first {
        $0 != "\n" && ($0.properties.generalCategory == .control || $0.properties.isBidiControl)
      }
      #expect(bad == nil, "\(what), \(place): \(text.debugDescription)")
    }
  }

  private static let name = "\"t\(escape)\nx\""

  @Test(
    "names of tables, columns and files, values, and messages of the engine",
    arguments: [[String](), ["--json"], ["-v"]])
  func everywhere(options: [String]) throws {
    let escape = Self.escape
    let shop = try Workspace(
      schema:
        "CREATE TABLE \(Self.name) (\"c\(escape)\" CHECK (1), b TEXT); INSERT INTO \(Self.name) VALUES (1, '\(escape)');"
    )
    try shop.write(
      """
      report: {row_values: true}
      checks: [{name: "c\\e[31m", sql: "SELECT b, char(10)||'```'||char(10)||'# Injected' FROM (SELECT 'x'||char(27,7,155,8238) AS b)"}]
      audit: [{name: "a\\e[31m", sql: "SELECT 'x'||char(27,7,155,8238)||char(10)||'# Injected'"}]
      """, to: "belay.yaml")
    for command in [["backup"], ["check"], ["doctor"]] {
      try check(try shop.belay(command + ["sqlite:shop.db"] + options), shop, command[0])
    }
    for command in [["list"], ["show", "latest"], ["verify", "latest", "--level", "restore"], ["status"], ["log"]] {
      try check(try shop.belay(command + options), shop, command[0])
    }
    try shop.migration("1_\(escape).sql", "INSERT INTO nowhere VALUES ('\(escape)');")
    try check(try shop.belay(["migrate", "sqlite:shop.db", "--yes"] + options), shop, "migrate")
    try FileManager.default.removeItem(at: shop.folder.appending(path: "migrations"))
    try shop.folder(
      of: "migrations/1.sql",
      """
      CREATE TABLE u (a);
      CREATE TRIGGER g BEFORE INSERT ON u BEGIN SELECT RAISE(ABORT, 'boom \(escape)'); END;
      INSERT INTO u VALUES (1);
      """)
    try check(try shop.belay(["migrate", "sqlite:shop.db", "--yes"] + options), shop, "a message of the engine")
    let report = try shop.latestReport()
    #expect(!report.split(separator: "\n").contains("# Injected"), "\(report)")
  }

  @Test("what is typed wrongly is quoted without its password, on every way out", arguments: [[String](), ["--json"]])
  func passwords(options: [String]) throws {
    let shop = try Workspace()
    for url in [
      "postgres:/me:S3cretPw@h/app", "postgres:me:S3cretPw@h/app", "postgres//me:S3cretPw@h/app", "me:S3cretPw@h/app",
      "postgres://me:S3cretPw", "postgres://me:S3cretPw@h:port/app", "sqlite:me:S3cretPw@h/app",
      "sqlite://me:S3cretPw@h/app",
      "postgres://me:S3cretPw@127.0.0.1:1/app?sslmode=nonsense", "postgres://h:S3cretPw@/x?nonsense=1",
      "postgresql:host=127.0.0.1 password=S3cretPw port=x", "nonsense://me:S3cretPw@h/app",
    ] {
      for command in [
        ["doctor", url], ["backup", url], ["check", url], ["migrate", url, "--yes"], ["doctor", "x", url],
      ] {
        let run = try shop.belay(command + options)
        #expect(run.status != 0 && !run.description.contains("S3cretPw"), "\(command): \(run)")
      }
    }
    let kept = try? FileManager.default.subpathsOfDirectory(atPath: shop.store.path)
    for name in kept ?? [] {
      let file = shop.store.appending(path: name)
      guard let bytes = try? Data(contentsOf: file) else { continue }  // a folder
      #expect(!String(decoding: bytes, as: UTF8.self).contains("S3cretPw"), "\(name)")
    }
  }
}
