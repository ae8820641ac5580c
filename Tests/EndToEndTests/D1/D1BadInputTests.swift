import DriverTesting
import Foundation
import Testing

@Suite("what is wrong before anything is done, on D1")
struct D1BadInputTests {
  @Test("a token, an account or a database that is not")
  func access() throws {
    let shop = try D1Workspace()
    let environment = ["CLOUDFLARE_API_BASE_URL": shop.account.baseURL, "CLOUDFLARE_API_TOKEN": shop.account.token]
    let account = shop.account.id
    let cases: [(url: String, change: [String: String], says: String)] = [
      ("d1://\(account)/shop", ["CLOUDFLARE_API_TOKEN": "wrong-token-7d1"], "uthenti"),
      ("d1://\(account)/shop", ["CLOUDFLARE_API_TOKEN": ""], "CLOUDFLARE_API_TOKEN"),
      ("d1://00000000000000000000000000000000/shop", [:], "00000000"),
      ("d1://\(account)/nothing", [:], "there is no database nothing"),
      ("d1://\(account)", [:], "d1://ACCOUNT_ID/DATABASE"),
      ("d1://\(account)/shop", ["CLOUDFLARE_API_BASE_URL": "http://example.org/client/v4"], "https"),
    ]
    for (url, change, says) in cases {
      for command in [["backup", url], ["doctor", url], ["migrate", url, "--yes"]] {
        let run = try Program.run(
          Program.belay().path, command, in: shop.folder, environment: environment.merging(change) { _, new in new })
        #expect(run.status == 22 || run.status == 10, "\(command) \(change)\n\(run)")
        #expect(run.errors.contains(says), "\(says) is not in \(command) \(change)\n\(run)")
        #expect(!run.errors.contains("wrong-token-7d1") && !run.errors.contains(shop.account.token), "\(run)")
      }
    }
    let files = (try? FileManager.default.subpathsOfDirectory(atPath: shop.store.path)) ?? []
    for name in files {
      let bytes = (try? Data(contentsOf: shop.store.appending(path: name))) ?? Data()
      #expect(bytes.range(of: Data(shop.account.token.utf8)) == nil, "\(name) holds the token")
    }
  }

  @Test(
    "statements that D1 does not take are named with their line before anything is sent",
    arguments: [
      ("INSERT INTO log VALUES ('\(String(repeating: "x", count: 100_001))', 1);", "100000"),
      ("CREATE TEMP TABLE x (y);", "temporary"), ("ATTACH 'x' AS y;", "ATTACH"), ("VACUUM;", "VACUUM"),
      ("SELECT 'open;", "is not closed"), (".tables", "shell"), ("SELEC 1;", "syntax error"),
      ("INSERT INTO log VALUES (1, 2;", "incomplete input"),
    ])
  func refused(sql: String, says: String) throws {
    let shop = try D1Workspace(config: "formats: [native]\n")
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\n\n\(sql)\n")
    let before = try shop.database.bookmarks()
    let run = try shop.belay("migrate", "shop", "--yes")
    #expect(run.status == 22 && run.errors.contains("1.sql, line 3") && run.errors.contains(says), "\(run)")
    #expect(try shop.database.bookmarks() == before)
  }

  @Test("a value of more than 2 MB, and a rate limit for longer than anybody waits")
  func limits() throws {
    let shop = try D1Workspace(config: "formats: [native]\n")
    try shop.migration("1.sql", "UPDATE orders SET cents = 0;\nINSERT INTO log SELECT 'x', hex(zeroblob(1000001));")
    let before = try shop.content()
    let run = try shop.belay("migrate", "shop", "--yes", "--no-rehearse")
    #expect(run.status == 30, "\(run)")
    #expect(try shop.content() == before)
    try shop.account.arm(FakeD1Fault(.rateLimit, times: nil))
    let limited = try shop.belay("backup", "shop")
    #expect([20, 22].contains(limited.status) && limited.errors.contains("rate"), "\(limited)")
  }

  @Test("a database that no import takes back, and one that is full: said before")
  func sizes() throws {
    let shop = try D1Workspace()
    try shop.account.set(["told_file_bytes": 9_500_000_000])
    let doctor = try shop.belay("doctor", "shop")
    #expect(doctor.errors.contains("cannot be restored in one import"), "\(doctor)")
    #expect(doctor.errors.contains("D1 allows at most 10000000000"), "\(doctor)")
  }

  @Test("an import that is too large for D1 leaves the new database empty, and is reported")
  func importTooLarge() throws {
    let shop = try D1Workspace(config: "formats: [native]\n")
    #expect(try shop.belay("backup", "shop", "--verify", "read").status == 0)
    try shop.account.set(["import_bytes": 2000])
    let run = try shop.restore(into: "second")
    #expect(run.status != 0 && run.status != 40, "\(run)")
    let second = try #require(try shop.others().first)
    #expect(try shop.content(of: second) == "", "\(run)")
  }

  @Test("D1's own export cannot hold virtual tables: refused before anything is read")
  func exportOfVirtualTables() throws {
    let shop = try D1Workspace(options: ["native: export"])
    #expect(try shop.belay("backup", "shop", "--verify", "restore").status == 0)
    try shop.database.sql("CREATE VIRTUAL TABLE words USING fts5(body)")
    let run = try shop.belay("backup", "shop")
    #expect(run.status == 22 && run.errors.contains("D1 cannot export virtual tables"), "\(run)")
    #expect(try shop.account.counts()["export_start", default: 0] == 1)
  }

  @Test("somebody else's export: waited for, then named")
  func exporting() throws {
    let shop = try D1Workspace(config: "formats: [native]\n")
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try shop.account.set(["export_polls": 1_000_000])
    let started = try LoopbackHTTP.send(
      "POST", "/client/v4/accounts/\(shop.account.id)/d1/database/\(shop.database.id)/export",
      Data(#"{"output_format":"polling"}"#.utf8),
      headers: ["Authorization: Bearer \(shop.account.token)", "Content-Type: application/json"],
      port: shop.account.fake.port)
    try #require(started.status == 202 || started.status == 200, "\(started)")
    let run = try shop.belay("migrate", "shop", "--yes", "--no-rehearse")
    #expect(run.status == 22 && run.errors.contains("long-running export"), "\(run)")
    #expect(try shop.applied() == [])
  }

  @Test("a name that several databases have")
  func ambiguous() throws {
    let shop = try D1Workspace()
    let environment = ["CLOUDFLARE_API_BASE_URL": shop.account.baseURL, "CLOUDFLARE_API_TOKEN": shop.account.token]
    // The API's own search matches parts of names: only the exact one counts.
    _ = try shop.account.makeDatabase("shop-staging", "CREATE TABLE wrong (x)")
    _ = try shop.account.makeDatabase("my-shop", "CREATE TABLE wrong (x)")
    let run = try shop.belay("backup", "d1://\(shop.account.id)/shop", environment: environment)
    #expect(run.status == 0 && run.output.contains("3 tables"), "\(run)")
  }

  @Test("wrangler's local database is backed up by the driver of SQLite, its runtime's tables left alone")
  func local() throws {
    let shop = try Workspace()
    let state = ".wrangler/state/v3/d1/miniflare-D1DatabaseObject"
    try FileManager.default.createDirectory(at: shop.folder.appending(path: state), withIntermediateDirectories: true)
    // Of the id "test": key = sha256("miniflare-D1DatabaseObject"); a = hmac(key, "test")[:16]; a + hmac(key, a)[:16].
    let file = shop.folder.appending(
      path: "\(state)/4a62eb77e8027a07bc28bb740695334aa24b16763fe434d3b076a1d027f362a8.sqlite")
    try FileManager.default.copyItem(at: shop.database, to: file)
    try shop.sqlite(
      "CREATE TABLE _cf_METADATA (key INTEGER PRIMARY KEY, value BLOB); INSERT INTO _cf_METADATA VALUES (2, 5);",
      on: file)
    try shop.migration("0001_tags.sql", "CREATE TABLE tags (name TEXT);")
    for url in ["d1-local:.", "d1-local:.?database_id=test"] {
      let run = try shop.belay("backup", url)
      #expect(run.status == 0 && run.output.contains("3 tables"), "\(run)")
    }
    let run = try shop.belay("migrate", "d1-local:.", "--yes")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM tags; SELECT count(*) FROM _cf_METADATA", on: file) == "0\n1")
    let id = try shop.latest()
    try shop.sqlite("DELETE FROM orders; UPDATE _cf_METADATA SET value = 6", on: file)
    let plan = try shop.belay("rollback", id)
    let code = String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)
    #expect(!plan.errors.contains("_cf_"), "\(plan)")
    #expect(try shop.belay("rollback", id, "--yes", "--confirm", code).status == 0)
    #expect(try shop.sqlite("SELECT count(*) FROM orders", on: file) == "100")
    let missing = try shop.belay("backup", "d1-local:elsewhere")
    #expect(missing.status == 10 && missing.errors.contains("no local database of wrangler"), "\(missing)")
  }

  @Test("wrangler's local database where the driver of SQLite is not installed")
  func localWithoutSQLite() throws {
    let shop = try BelayFolder(url: "")
    let state = shop.folder.appending(path: ".wrangler/state/v3/d1/miniflare-D1DatabaseObject")
    try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
    try shop.write("", to: ".wrangler/state/v3/d1/miniflare-D1DatabaseObject/a.sqlite")
    let programs = shop.folder.appending(path: "bin")
    try FileManager.default.createDirectory(
      at: programs, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    let built = try Program.belay().deletingLastPathComponent()
    try FileManager.default.copyItem(at: Program.belay(), to: programs.appending(path: "belay"))
    try FileManager.default.copyItem(
      at: built.appending(path: "libbelay-driver-d1.so"), to: programs.appending(path: "belay-driver-d1.so"))
    let run = try Program.run(programs.appending(path: "belay").path, ["backup", "d1-local:."], in: shop.folder)
    #expect(run.status == 10 && run.errors.contains("no installed driver knows sqlite"), "\(run)")
    #expect(run.errors.contains("belay-driver-sqlite.so"), "\(run)")
  }
}
