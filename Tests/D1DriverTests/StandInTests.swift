import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// A file of this machine in the place of a temporary database: where the account takes none, or where it was asked for.
@Suite("D1: scratch databases on this machine") struct StandInTests {
  private let folder: TemporaryFolder
  private var local: [String: String] { ["scratch": "local", "scratch_dir": folder.path] }

  init() throws { folder = try TemporaryFolder() }

  private func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path) }

  /// Of a database, with both open.
  private func standIn(
    _ subject: Subject, of database: FakeD1Database, _ options: [String: String]? = nil
  ) throws -> (owner: Connection, scratch: Connection, url: String) {
    let options = options ?? local
    let owner = try subject.open(database.name, options)
    let url = try owner.createScratch(name: "run-1", operation: Operation())
    return (
      owner, try subject.driver.open(url, options: subject.options(options), operation: Operation()), url
    )
  }

  @Test("it is made, found by its URL, used and dropped, and the account is left alone")
  func life() throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a)")
    let (owner, scratch, url) = try standIn(subject, of: database)
    #expect(url == (try owner.locateScratch(name: "run-1", operation: Operation())))
    #expect(scratch.traits.serverName == "SQLite" && owner.traits.serverName == "Cloudflare D1")
    #expect(scratch.traits.identity != owner.traits.identity)
    #expect(try failure { _ = try owner.createScratch(name: "run-1", operation: Operation()) }.code == .constraint)
    try scratch.run("CREATE TABLE made (x); INSERT INTO made VALUES (1)")
    #expect(try scratch.rows("SELECT x FROM made") == [[.integer(1)]])
    for feature in [DriverExtension.rewind, .scratch] {
      guard case .refused(let error) = try scratch.support(for: feature) else {
        Issue.record("\(feature) is not refused")
        continue
      }
      #expect(error.message.contains("copy on this machine"))
    }
    scratch.close()
    #expect(try files().count == 1)
    for _ in 0..<2 { try owner.dropScratch(url, operation: Operation()) }
    #expect(try files() == [])
    #expect(throws: DriverError.self) {
      _ = try subject.driver.open(url, options: subject.options(local), operation: Operation())
    }
    #expect(try subject.account.databases().map(\.name) == [database.name])
    #expect(try subject.account.counts()["create_database", default: 0] == 0)
  }

  @Test("by itself only where the account takes no temporary database", arguments: ["auto", "account"])
  func refused(place: String) throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a)")
    let token = "weak-\(FakeD1Account.freshName())"
    try subject.account.addToken(token, refused: [.createDatabase])
    let options = ["scratch": place, "scratch_dir": folder.path]
    let weak = try subject.open(database.name, options.merging(["api_token": token]) { $1 })
    if place == "account" {
      let error = try failure { _ = try weak.createScratch(name: "run-1", operation: Operation()) }
      #expect([.denied, .auth].contains(error.code), "\(error)")
      #expect(try files() == [])
    } else {
      let url = try weak.createScratch(name: "run-1", operation: Operation())
      #expect(try files().count == 1)
      // A later process may have better rights, or other options: it is found all the same.
      try subject.open(database.name, options).dropScratch(url, operation: Operation())
      #expect(try files() == [])
    }
    let strong = try subject.open(database.name, options)
    let url = try strong.createScratch(name: "run-1", operation: Operation())
    #expect(try subject.account.databases().count == 2)
    #expect(try files() == [])
    try weak.dropScratch(url, operation: Operation())
    #expect(try subject.account.databases().count == 1)
    // What breaks on the way is no refusal.
    try subject.account.arm(FakeD1Fault(.html, .createDatabase, times: nil))
    #expect(throws: DriverError.self) { _ = try strong.createScratch(name: "run-2", operation: Operation()) }
    #expect(try files() == [])
  }

  @Test("where the plan's number of databases is reached")
  func quota() throws {
    let subject = try Subject(["databases": 1])
    let database = try subject.make("CREATE TABLE t (a)")
    let (_, scratch, _) = try standIn(subject, of: database, ["scratch_dir": folder.path])
    #expect(scratch.traits.serverName == "SQLite")
  }

  @Test("a dump is restored into it bit by bit, by the statements that an import would run")
  func exact() throws {
    let subject = try Subject()
    let database = try subject.make(
      """
      CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent(id) ON DELETE CASCADE);
      CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);
      INSERT INTO parent VALUES (1, 'one'), (7, NULL), (9, '');
      INSERT INTO child VALUES (1, 7), (2, 9), (3, 7);
      CREATE TABLE numbers (i INTEGER, r REAL, a);
      INSERT INTO numbers VALUES (9007199254740993, 0.1, -9223372036854775808), (9223372036854775807, 1e999, x''),
        (-9007199254740993, 5e-324, char(0)), (0, -1e999, CAST(x'ff00fe' AS TEXT));
      CREATE TABLE large (id INTEGER PRIMARY KEY, a);
      INSERT INTO large (a) VALUES (randomblob(1900000)), (replace(hex(zeroblob(950000)), '00', 'ü'));
      CREATE TABLE wide (\((1...100).map { "c\($0)" }.joined(separator: ", ")));
      INSERT INTO wide VALUES (\((1...100).map(String.init).joined(separator: ", ")));
      CREATE TABLE keyed (k TEXT PRIMARY KEY, v ANY) STRICT, WITHOUT ROWID;
      INSERT INTO keyed VALUES ('a', 1), ('B', NULL);
      CREATE VIRTUAL TABLE words USING fts5(title);
      INSERT INTO words VALUES ('the quick fox'), ('lazy dogs');
      CREATE TRIGGER logs AFTER INSERT ON child BEGIN
        UPDATE parent SET name = CASE WHEN new.id > 2 THEN 'more;' ELSE 'less' END WHERE id = new.parent;
      END;
      CREATE INDEX by_parent ON child(parent) WHERE id > 1;
      """)
    let (owner, scratch, _) = try standIn(subject, of: database)
    let before = try owner.dumped()
    try scratch.restore(before)
    let copy = try subject.make()
    try subject.open(copy.name).restore(scratch.dumped())
    #expect(try content(copy) == content(database))
    #expect(try scratch.rows("SELECT title FROM words WHERE words MATCH 'fox'") == [[.text("the quick fox")]])
    #expect(try scratch.integrity(full: true, operation: Operation()) == [])
    // Over what is there: nothing of it stays.
    try scratch.run("CREATE TABLE other (x REFERENCES parent(id)); INSERT INTO other VALUES (7)")
    try scratch.restore(before)
    try subject.open(copy.name).restore(scratch.dumped())
    #expect(try content(copy) == content(database))
  }

  private static let schema = """
    CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent(id) ON DELETE CASCADE);
    INSERT INTO parent VALUES (1, 'one'), (2, 'two');
    INSERT INTO child VALUES (10, 1), (11, 2);
    """

  /// Scripts for both, D1 and what stands in for it.
  private static let scripts: [[String]] = [
    ["INSERT INTO parent VALUES (3, 'three')", "UPDATE child SET parent = 3"],
    ["INSERT INTO parent VALUES (3, 'three')", "INSERT INTO parent VALUES (4, 'three')"],
    ["UPDATE parent SET name = NULL"], ["INSERT INTO nowhere VALUES (1)"], ["SELEC 1"],
    ["INSERT INTO child VALUES (12, 9)"], ["PRAGMA defer_foreign_keys=ON", "INSERT INTO child VALUES (12, 9)"],
    ["PRAGMA defer_foreign_keys=ON", "INSERT INTO child VALUES (12, 9)", "INSERT INTO parent VALUES (9, 'nine')"],
    ["PRAGMA foreign_keys=OFF", "DELETE FROM parent"], ["DELETE FROM parent WHERE id = 1"],
    ["PRAGMA foreign_keys=OFF", "INSERT INTO child VALUES (12, 9)"],
    ["PRAGMA foreign_keys=OFF", "INSERT INTO child VALUES (12, 9)", "INSERT INTO nowhere VALUES (1)"],
    ["SELECT 1", "PRAGMA foreign_keys=OFF", "DELETE FROM parent"],
    [
      "PRAGMA defer_foreign_keys=ON", "CREATE TABLE p2 (id INTEGER PRIMARY KEY, name TEXT, more)",
      "INSERT INTO p2 (id, name) SELECT id, name FROM parent", "DROP TABLE parent", "ALTER TABLE p2 RENAME TO parent",
    ],
    [
      "PRAGMA foreign_keys=OFF", "CREATE TABLE p2 (id INTEGER PRIMARY KEY, name TEXT, more)",
      "INSERT INTO p2 (id, name) SELECT id, name FROM parent", "DROP TABLE parent", "ALTER TABLE p2 RENAME TO parent",
    ],
    [
      "CREATE TRIGGER t AFTER INSERT ON child BEGIN UPDATE parent SET name = CASE WHEN 1 THEN name || ';' ELSE '' END; END",
      "INSERT INTO child VALUES (12, 1)",
    ],
    ["CREATE VIRTUAL TABLE f USING fts5(x)", "INSERT INTO f VALUES ('a b'), ('c')"],
    ["PRAGMA page_count"], ["PRAGMA journal_mode=WAL"], ["PRAGMA quick_check"], ["CREATE TABLE temp.t (x)"],
    ["CREATE TABLE _cf_mine (x)"],
    ["INSERT INTO parent VALUES (5, hex(zeroblob(1000001)))"], ["INSERT INTO parent VALUES (5, hex(zeroblob(999999)))"],
    ["UPDATE parent SET name = id WHERE name LIKE '\(String(repeating: "x", count: 51))'"],
    ["UPDATE parent SET name = id WHERE name LIKE '\(String(repeating: "x", count: 50))'"],
    ["INSERT INTO parent VALUES (5, max(\((1...33).map(String.init).joined(separator: ", "))))"],
    ["CREATE TABLE wide (\((1...101).map { "c\($0)" }.joined(separator: ", ")))"],
    ["CREATE TABLE wide (\((1...100).map { "c\($0)" }.joined(separator: ", ")))"],
    ["INSERT INTO parent VALUES (5, 'x') RETURNING id"], ["CREATE TABLE parent (x)"],
    ["REPLACE INTO parent VALUES (1, 'new')"], ["INSERT OR FAIL INTO parent VALUES (8, 'x'), (9, 'x')"],
    ["CREATE TABLE strictly (a INTEGER) STRICT", "INSERT INTO strictly VALUES ('x')"],
    ["ALTER TABLE parent DROP COLUMN name"], ["ALTER TABLE child ADD COLUMN note TEXT DEFAULT 'none'"],
    ["INSERT INTO parent (name) \((1...6).map { "SELECT 'n\($0)'" }.joined(separator: " UNION ALL "))"],
    ["INSERT INTO parent (name) VALUES \((1...600).map { "('n\($0)')" }.joined(separator: ", "))"],
    ["UPDATE parent SET name = \((1...120).map(String.init).joined(separator: "+"))"],
  ]

  @Test("a script does there what it does at D1, or fails as it fails there", arguments: scripts)
  func same(script: [String]) throws {
    // A time of its own for each row would differ.
    let subject = try Subject(["import_statements_per_transaction": 0])
    let remote = try subject.make(Self.schema)
    let (_, scratch, _) = try standIn(subject, of: remote)
    try scratch.restore(subject.open(remote.name).dumped())
    func outcome(_ connection: Connection) -> String {
      do {
        try connection.executeAtomically(script, operation: Operation())
        return "done"
      } catch {
        return "\(error.code)"
      }
    }
    let (there, here) = (outcome(try subject.open(remote.name)), outcome(scratch))
    #expect(here == there)
    let copy = try subject.make()
    try subject.open(copy.name).restore(scratch.dumped())
    #expect(try content(copy) == content(remote))
    #expect(try scratch.rows("PRAGMA foreign_keys") == [[.integer(1)]], "it is on again")
  }

  @Test("a failure says where the statement ran, and that nothing of it stayed")
  func failing() throws {
    let subject = try Subject()
    let database = try subject.make(Self.schema)
    let (_, scratch, _) = try standIn(subject, of: database)
    try scratch.restore(subject.open(database.name).dumped())
    let error = try failure {
      try scratch.executeAtomically(
        ["DELETE FROM child", "SELECT no_such_function(1)", "DELETE FROM parent"], operation: Operation())
    }
    #expect(error.outcome == .notApplied)
    #expect(error.message.contains("no_such_function") && error.hint?.contains("instead of D1") == true)
    #expect(try scratch.rows("SELECT count(*) FROM child") == [[.integer(2)]])
  }

  @Test("a file of that name that is none of belay's is not followed")
  func link() throws {
    let subject = try Subject()
    let database = try subject.make(Self.schema)
    let owner = try subject.open(database.name, local)
    let url = try owner.locateScratch(name: "run-1", operation: Operation())
    let elsewhere = try folder.file("elsewhere", "precious")
    let name = try #require(url.split(separator: "/").last)
    try FileManager.default.createSymbolicLink(
      atPath: folder("\(name).sqlite"), withDestinationPath: elsewhere)
    #expect(throws: DriverError.self) { _ = try owner.createScratch(name: "run-1", operation: Operation()) }
    #expect(throws: DriverError.self) {
      _ = try subject.driver.open(url, options: subject.options(local), operation: Operation())
    }
    try owner.dropScratch(url, operation: Operation())
    #expect(try String(contentsOfFile: elsewhere, encoding: .utf8) == "precious")
  }

  @Test("options that cannot be meant are refused")
  func options() throws {
    let subject = try Subject()
    let database = try subject.make()
    #expect(try failure { _ = try subject.open(database.name, ["scratch": "remote"]) }.code == .invalid)
    let owner = try subject.open(database.name, ["scratch": "local"])
    let error = try failure { _ = try owner.createScratch(name: "run-1", operation: Operation()) }
    #expect(error.code == .unsupported && error.message.contains("scratch_dir"))
  }
}
