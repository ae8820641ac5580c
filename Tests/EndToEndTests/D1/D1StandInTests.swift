import DriverTesting
import Foundation
import Testing

/// Where the account takes no temporary database, or is to be left alone: a SQLite file of this machine stands in.
@Suite("belay on D1, with its copies on this machine")
struct D1StandInTests {
  /// A shop whose token may not make databases.
  private func shopWithWeakToken(_ options: [String] = [], config: String = "") throws -> D1Workspace {
    let shop = try D1Workspace()
    let token = "weak-\(FakeD1Account.freshName())"
    try shop.account.addToken(token, refused: [.createDatabase, .deleteDatabase])
    try shop.write(
      D1Workspace.configuration(of: shop.account, token: token, options: options) + config, to: "belay.yaml")
    return shop
  }

  private func scratchFiles(_ shop: D1Workspace) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: shop.store.path).filter { $0.contains("scratch/") }
  }

  @Test("a token that may not make databases: rehearsed all the same, and it is said where")
  func weakToken() throws {
    let shop = try shopWithWeakToken()
    try shop.migration(
      "1.sql", "CREATE TABLE tags (name TEXT);\nINSERT INTO tags VALUES ('new');\nDELETE FROM orders WHERE id < 11;")
    let run = try shop.belay("migrate", "shop", "--yes")
    #expect(run.status == 0, "\(run)")
    #expect(run.errors.contains("the account does not accept a temporary database"), "\(run)")
    #expect(run.errors.contains("instead of Cloudflare D1"), "\(run)")
    #expect(try shop.applied() == ["'1.sql'"])
    let report = try shop.latestReport()
    #expect(report.contains("level restore: restored into a scratch database on SQLite"), "\(report)")
    #expect(report.contains("Rehearsal on SQLite"), "\(report)")
    #expect(try shop.others().map(\.name) == [])
    #expect(try scratchFiles(shop) == [])
    #expect(try shop.belay("status").status == 0)
  }

  @Test("what fails there never reaches D1", arguments: [true, false])
  func failing(cascades: Bool) throws {
    let shop = try shopWithWeakToken()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try shop.migration(
      "2.sql",
      cascades
        ? """
        PRAGMA defer_foreign_keys=ON;
        CREATE TABLE customers_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, vip INTEGER);
        INSERT INTO customers_new (id, name, email) SELECT id, name, email FROM customers;
        DROP TABLE customers;
        ALTER TABLE customers_new RENAME TO customers;
        """ : "UPDATE orders SET cents = 0 WHERE id > 50;\n\nINSERT INTO tagz VALUES (1);")
    let before = try shop.content()
    let run = try shop.belay("migrate", "shop", "--yes")
    #expect(run.status == (cascades ? 31 : 30), "\(run)")
    #expect(run.errors.contains(cascades ? "lost 100 of 100 rows" : "2.sql, line 3"), "\(run)")
    #expect(run.errors.contains("in the rehearsal"), "\(run)")
    #expect(try shop.content() == before)
    let sent = try shop.account.log().contains { $0.body.contains("CREATE TABLE tags") }
    #expect(!sent)
    #expect(try scratchFiles(shop) == [])
  }

  @Test("a backup is restored there, and its proof says so; the account's own databases are never asked for")
  func backup() throws {
    let shop = try D1Workspace(options: ["scratch: local"])
    let run = try shop.belay("backup", "shop", "--verify", "restore")
    #expect(run.status == 0 && run.output.contains("verified at level restore"), "\(run)")
    #expect(run.errors.contains("the copy is created on SQLite"), "\(run)")
    let verified = try shop.belay("verify", "latest", "--level", "restore")
    #expect(verified.status == 0 && verified.errors.contains("the copy is created on SQLite"), "\(verified)")
    let doctor = try shop.belay("doctor", "shop")
    #expect(doctor.errors.contains("rehearsed on this machine's SQLite"), "\(doctor)")
    #expect(try shop.account.counts()["create_database", default: 0] == 0)
    #expect(try scratchFiles(shop) == [])
  }

  @Test("temporary databases in the account or none: what the token may not is an error")
  func accountOnly() throws {
    let shop = try shopWithWeakToken(["scratch: account"])
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    let run = try shop.belay("migrate", "shop", "--yes")
    #expect(run.status != 0 && run.status != 40 && run.errors.contains("cannot create the scratch database"), "\(run)")
    #expect(try shop.applied() == [])
  }

  @Test("a rollback is proven there before it changes anything")
  func rollback() throws {
    let shop = try D1Workspace(options: ["scratch: local"], config: "formats: [native]\n")
    let before = try shop.content()
    #expect(try shop.belay("backup", "shop").status == 0)
    let id = try shop.latest()
    try shop.database.sql("DELETE FROM orders; CREATE TABLE more (x);")
    let run = try shop.belay("rollback", id, "--yes", "--confirm", try shop.code(for: id))
    #expect(run.status == 0, "\(run)")
    #expect(try shop.content() == before)
    #expect(try shop.account.counts()["create_database", default: 0] == 0)
    #expect(try scratchFiles(shop) == [])
  }
}
