import Foundation
import Testing

@Suite("Single tables out of an archive")
struct SingleTablesTests {
  /// A shop with a tree, in an archive.
  private func shop(_ more: String = "", formats: String? = nil) throws -> Workspace {
    let shop = try Workspace()
    try shop.sqlite(
      """
      CREATE TABLE tree (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES tree(id));
      INSERT INTO tree VALUES (1, 3), (2, 1), (3, NULL);
      \(more)
      """)
    let backup = try shop.belay(["backup", shop.url] + (formats.map { ["--formats", $0] } ?? []))
    try #require(backup.status == 0, "\(backup)")
    return shop
  }

  @Test(
    "go alone into a new database, whatever they refer to",
    arguments: [
      (["orders"], "orders:100"), (["tree"], "tree:3"), (["orders", "customers"], "customers:20 orders:100"),
    ])
  func restore(tables: [String], holds: String) throws {
    let shop = try shop()
    let run = try shop.belay(["restore", "latest", "--into", "sqlite:new.db"] + tables.flatMap { ["--table", $0] })
    // A trigger of customers writes to a table that is not there: it is left out, and said.
    let trigger = "trigger customers.customer_gone: it names table log, which is not there"
    #expect(run.status == (tables.contains("customers") ? 3 : 0), "\(run)")
    #expect(run.errors.contains(trigger) == tables.contains("customers"), "\(run)")
    // What they refer to is missed only where it is not there.
    #expect(
      run.errors.contains("100 rows of orders refer to rows that are not there") == (tables == ["orders"]), "\(run)")
    let file = shop.folder.appending(path: "new.db")
    let counts = try shop.sqlite("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", on: file)
      .split(separator: "\n").map { "\($0):" + (try shop.sqlite("SELECT count(*) FROM \($0)", on: file)) }
    #expect(counts.joined(separator: " ") == holds)
    #expect(try shop.sqlite("PRAGMA integrity_check", on: file) == "ok")
  }

  @Test("go into a database that has other tables, all or none")
  func into() throws {
    let shop = try shop()
    let other = shop.folder.appending(path: "other.db")
    try shop.sqlite(
      "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT); INSERT INTO customers VALUES (1, 'x', 'y');",
      on: other)
    let before = try shop.dump(other)
    let full = try shop.belay(
      "restore", "latest", "--into", "sqlite:other.db", "--table", "tree", "--table", "customers")
    #expect(
      full.status == 22 && full.errors.contains("table customers in sqlite:other.db already contains 1 row"), "\(full)"
    )
    #expect(try shop.dump(other) == before)
    let run = try shop.belay("restore", "latest", "--into", "sqlite:other.db", "--table", "orders", "--table", "tree")
    #expect(run.status == 0 && run.errors.contains("of orders refer to rows that are not there"), "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM orders", on: other) == "100")
  }

  @Test(
    "a restore that fails leaves no file that was not there",
    arguments: [["--table", "nowhere"], ["--table", "customers"]])
  func failed(table: [String]) throws {
    let shop = try shop(formats: table.contains("nowhere") ? nil : "native")
    let run = try shop.belay(["restore", "latest", "--into", "sqlite:new.db"] + table)
    #expect(run.status != 0, "\(run)")
    #expect(!FileManager.default.fileExists(atPath: shop.folder.appending(path: "new.db").path))
    // One that was there stays, also an empty one.
    try Data().write(to: shop.folder.appending(path: "new.db"))
    _ = try shop.belay(["restore", "latest", "--into", "sqlite:new.db"] + table)
    #expect(FileManager.default.fileExists(atPath: shop.folder.appending(path: "new.db").path))
  }

  @Test(
    "rows are chosen by a condition that may ask other tables",
    arguments: [
      ("cents > 9900", 1), ("customer IN (SELECT id FROM customers WHERE name = 'customer 3')", 5),
      ("id IN best", 100), ("EXISTS (SELECT 1 FROM totals WHERE customer = orders.customer AND cents > 25000)", 50),
      ("cents > 9900 -- and so on", 1),
    ])
  func condition(filter: String, rows: Int) throws {
    let shop = try shop("CREATE TABLE best (id INTEGER); INSERT INTO best SELECT id FROM orders;")
    let run = try shop.belay("extract", "latest", "--table", "orders", "--where", filter)
    #expect(run.status == 0, "\(run)")
    #expect(run.output.split(separator: "\n").count == rows + 1, "\(run)")
  }

  @Test(
    "several tables are one SQL text, or files of a folder, and never one CSV",
    arguments: [([], "--as sql, or --output"), (["--where", "1"], "needs one --table")])
  func twoTables(more: [String], hint: String) throws {
    let shop = try shop()
    let two = ["extract", "latest", "--table", "orders", "--table", "customers"]
    let refused = try shop.belay(two + more)
    #expect(refused.status == 64 && refused.errors.contains(hint), "\(refused)")
    guard more.isEmpty else { return }
    let text = try shop.belay(two + ["--as", "sql"])
    #expect(text.status == 0, "\(text)")
    let copy = shop.folder.appending(path: "copy.db")
    // Those that orders refer to come first.
    try shop.sqlite(
      "PRAGMA foreign_keys = ON; CREATE TABLE customers (id PRIMARY KEY, name, email); "
        + "CREATE TABLE orders (id PRIMARY KEY, customer REFERENCES customers(id), cents); \(text.output)", on: copy)
    for table in ["customers", "orders"] {
      let all = "SELECT * FROM \(table) ORDER BY 1"
      #expect(try shop.sqlite(all, on: copy) == shop.sqlite(all))
    }
    let files = try shop.belay(two + ["--output", "out/deep"])
    #expect(files.status == 0, "\(files)")
    let single = try shop.belay("extract", "latest", "--table", "orders").output
    let file = shop.folder.appending(path: "out/deep/orders.csv")
    #expect(try String(contentsOf: file, encoding: .utf8) == single)
    // A file that is there stays.
    try "mine".write(to: file, atomically: true, encoding: .utf8)
    let again = try shop.belay("extract", "latest", "--table", "orders", "--output", "out/deep")
    #expect(again.status == 22 && again.errors.contains("orders.csv is there already"), "\(again)")
    #expect(try String(contentsOf: file, encoding: .utf8) == "mine")
    #expect(try FileManager.default.contentsOfDirectory(atPath: file.deletingLastPathComponent().path).count == 2)
  }

  @Test("an extraction that was killed is tidied up by the next one", arguments: [3, 4])
  func killed(step: Int) throws {
    let shop = try shop()
    let arguments = ["extract", "latest", "--table", "orders", "--where", "id = 1"]
    _ = try shop.belay(arguments, environment: ["BELAY_FAULT": "kill-both:\(step - 2):after"])
    let run = try shop.belay(arguments)
    #expect(run.status == 0 && run.output.hasPrefix("id,customer,cents\n1,2,100\n"), "\(run)")
    let left = try FileManager.default.subpathsOfDirectory(atPath: shop.folder.path)
      .filter { $0.contains("scratch/") || $0.contains(".belay") || $0.contains("extract-") && !$0.contains("runs/2") }
    #expect(left == [])
    #expect(try shop.belay("status").status == 0)
  }

  // MARK: Archives of SQL text alone

  private static let odd = """
    CREATE TABLE "it's; -- odd" (a TEXT DEFAULT ';', "b""c" BLOB, PRIMARY KEY (a)) WITHOUT ROWID;
    INSERT INTO "it's; -- odd" VALUES
      ('x;
    y'';', x'00'), ('INSERT INTO "tree" VALUES', NULL), (CAST(x'410d0a00' AS TEXT), 1.5e300), ('', zeroblob(200000));
    CREATE TRIGGER t AFTER INSERT ON tree BEGIN INSERT INTO log VALUES (';', 'x'); DELETE FROM log; END;
    """

  @Test("an archive of SQL text alone can be proven, restored and rolled back to")
  func text() throws {
    let shop = try shop(Self.odd, formats: "sql")
    let before = try lines(shop, shop.database)
    let verify = try shop.belay("verify", "latest", "--level", "restore")
    #expect(verify.status == 0, "\(verify)")
    let restore = try shop.belay("restore", "latest", "--into", "sqlite:new.db")
    #expect(restore.status == 0, "\(restore)")
    #expect(try lines(shop, shop.folder.appending(path: "new.db")) == before)
    let table = try shop.belay("restore", "latest", "--into", "sqlite:one.db", "--table", "tree")
    #expect(table.status == 3 && table.errors.contains("trigger tree.t: it names table log"), "\(table)")
    #expect(try shop.sqlite("SELECT count(*) FROM tree", on: shop.folder.appending(path: "one.db")) == "3")
    let readme = try readme(shop)
    #expect(readme.contains("full_backup.sql.zst | sqlite3") && !readme.contains("full_backup.db"), "\(readme)")
  }

  /// A dump, whatever the order of its objects.
  private func lines(_ shop: Workspace, _ file: URL) throws -> [Substring] {
    try shop.dump(file).split(separator: "\n").sorted()
  }

  private func readme(_ shop: Workspace) throws -> String {
    try Program.run("/usr/bin/env", ["tar", "xOf", "backups/\(try shop.latest()).tar", "README.txt"], in: shop.folder)
      .output
  }

  @Test("README.txt has two ways, each complete by itself")
  func ways() throws {
    let shop = try shop()
    let text = try readme(shop)
    #expect(text.contains("in one of 2 ways. One is enough."))
    let steps = text.split(separator: "\n").filter { $0.hasPrefix("    zstd") }.joined(separator: "\n")
    let archive = "../backups/\(try shop.latest()).tar"
    let run = try Program.run(
      "/bin/sh", ["-ec", "mkdir out; cd out; tar xf \(archive); \(steps)"], in: shop.folder)
    try #require(run.status == 0, "\(run)")
    for name in ["restored.db", "restored-from-sql.db"] {
      #expect(try lines(shop, shop.folder.appending(path: "out/\(name)")) == lines(shop, shop.database), "\(name)")
    }
  }
}

@Suite("An archive named by the path of its file")
struct ArchivePathTests {
  @Test("is what most commands take", arguments: ["./moved.tar", "moved.tar", "sub/../moved.tar"])
  func path(typed: String) throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    try shop.folder(of: "sub/x", "")
    try FileManager.default.moveItem(
      at: shop.store.appending(path: "\(try shop.latest()).tar"), to: shop.folder.appending(path: "moved.tar"))
    for command in [
      ["verify", typed], ["verify", typed, "--level", "restore"], ["show", typed],
      ["extract", typed, "--table", "orders"], ["extract", typed, "--table", "orders", "--where", "id = 1"],
      ["restore", typed, "--into", "sqlite:new.db"],
    ] {
      let run = try shop.belay(command)
      #expect(run.status == 0, "\(command): \(run)")
    }
    let rollback = try shop.belay("rollback", typed, "--yes")
    #expect(rollback.status == 22 && rollback.errors.contains("is not in the store"), "\(rollback)")
    let missing = try shop.belay("verify", "nowhere.tar")
    #expect(missing.status == 10 && missing.errors.contains("there is no file"), "\(missing)")
  }
}

@Suite("Odd databases, there and back")
struct OddDatabaseTests {
  @Test("a target that is opened read-only is backed up, proven and read like others")
  func readOnly() throws {
    let shop = try Workspace()
    try shop.write(
      "targets:\n  shop:\n    url: sqlite:shop.db\n    options:\n      read_only: true\n", to: "belay.yaml")
    for command in [
      ["backup"], ["verify", "latest", "--level", "restore"],
      ["extract", "latest", "--table", "orders", "--where", "id = 1"],
    ] {
      let run = try shop.belay(command)
      #expect(run.status == 0 && !run.errors.contains("permission"), "\(command): \(run)")
    }
  }

  @Test(
    "a table without a name, and carriage returns in the schema, come back in every form",
    arguments: ["native,sql,csv,json", "sql", "csv"])
  func names(formats: String) throws {
    let shop = try Workspace(
      schema: """
        CREATE TABLE "" (x); INSERT INTO "" VALUES (1);
        CREATE TABLE t (id INTEGER PRIMARY KEY,\r
          v TEXT DEFAULT 'a@b');
        """)
    // The shell takes no carriage return in a literal.
    try shop.sqlite(
      """
      PRAGMA writable_schema = ON;
      UPDATE sqlite_schema SET sql = replace(sql, '@', char(13, 10)) WHERE name = 't';
      """)
    let backup = try shop.belay("backup", shop.url, "--formats", formats)
    #expect(backup.status == 0, "\(backup)")
    let extract = try shop.belay("extract", "latest", "--table", "\"\"", "--where", "x = 1")
    #expect(extract.status == 0, "\(extract)")
    let restore = try shop.belay("restore", "latest", "--into", "sqlite:new.db")
    #expect(restore.status == 0, "\(restore)")
    let script =
      "mkdir out; cd out; tar xf ../backups/\(try shop.latest()).tar; zstd -dqc full_backup.sql.zst | sqlite3 text.db"
    if formats.contains("sql") { _ = try Program.run("/bin/sh", ["-ec", script], in: shop.folder) }
    let content = "INSERT INTO t (id) VALUES (1); SELECT hex(v) FROM t; SELECT * FROM \"\";"
    for name in formats.contains("sql") ? ["new.db", "out/text.db"] : ["new.db"] {
      #expect(try shop.sqlite(content, on: shop.folder.appending(path: name)) == "610D0A62\n1", "\(name)")
    }
  }
}
