import DriverTesting
import Foundation
import Testing

@Suite("belay backup, and what the archive is good for")
struct BackupTests {
  @Test("an archive holds every format, lists itself, and is verified by restoring")
  func whole() throws {
    let shop = try Workspace()
    let before = try shop.dump()
    let run = try shop.belay("backup", shop.url, "--name", "first")
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("verified at level restore"), "\(run)")
    #expect(try shop.dump() == before)
    let id = try shop.latest()
    #expect(id.hasSuffix("-first"))
    let tar = try Program.run("/usr/bin/env", ["tar", "tf", "backups/\(id).tar"], in: shop.folder)
    let members = tar.output.split(separator: "\n").map(String.init)
    #expect(members.first == "manifest.json")
    for member in [
      "README.txt", "SHA256SUMS", "schema.json", "full_backup.db.zst", "full_backup.sql.zst",
      "csv/customers.csv.zst", "csv/orders.csv.zst", "csv/log.csv.zst",
    ] { #expect(members.contains(member), "\(member) is not in \(members)") }
    #expect(try shop.belay("list").output.contains(id))
    #expect(try shop.belay("show", "latest").output.contains("orders"))
    for level in ["manifest", "read", "restore"] {
      let verify = try shop.belay("verify", id, "--level", level)
      #expect(verify.status == 0, "\(verify)")
      #expect(verify.output.contains("level \(level)"))
    }
  }

  @Test("with belay absent, tar, sha256sum, zstd and sqlite3 restore it, from the dump and from the SQL text")
  func byHand() throws {
    let shop = try Workspace(schema: Workspace.shop + Self.odd)
    try #require(try shop.belay("backup", shop.url).status == 0)
    let id = try shop.latest()
    let script = """
      set -e
      mkdir out && cd out
      tar xf ../backups/\(id).tar
      sha256sum --quiet -c SHA256SUMS
      zstd -q -d full_backup.db.zst -o native.db
      zstd -q -dc full_backup.sql.zst | sqlite3 -bail text.db
      """
    let hand = try Program.run("/bin/sh", ["-c", script], in: shop.folder)
    #expect(hand.status == 0, "\(hand)")
    let out = shop.folder.appending(path: "out")
    let readme = try String(contentsOf: out.appending(path: "README.txt"), encoding: .utf8)
    for tool in ["tar", "sha256sum", "zstd", "sqlite3"] { #expect(readme.contains(tool)) }
    let expected = try shop.dump()
    #expect(try shop.dump(out.appending(path: "native.db")) == expected)
    let sums = try [shop.database, out.appending(path: "native.db"), out.appending(path: "text.db")].map {
      try shop.sqlite(".sha3sum", on: $0)
    }
    #expect(sums[0] == sums[1])
    #expect(sums[0] == sums[2])
    #expect(try shop.sqlite("PRAGMA integrity_check;", on: out.appending(path: "text.db")) == "ok")
    #expect(try shop.sqlite("SELECT * FROM notes('quick')", on: out.appending(path: "text.db")) == "a quick note")
  }

  @Test("every piece of work whose progress is told is told to be over")
  func progress() throws {
    let shop = try Workspace()
    try shop.sqlite(
      "CREATE TABLE big(b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
        + "INSERT INTO big SELECT randomblob(5000) FROM n")
    let run = try shop.belay("backup", shop.url, "--json")
    #expect(run.status == 0, "\(run)")
    struct Progress: Decodable {
      let event: String
      let what: String?
      let done, total: Int?
      let ended: Bool?
    }
    var open: [String: Bool] = [:]
    for line in run.output.split(separator: "\n") {
      let event = try JSONDecoder().decode(Progress.self, from: Data(line.utf8))
      guard event.event == "progress", let what = event.what, let done = event.done, let total = event.total else {
        continue
      }
      open[what] = !(event.ended ?? (total > 0 && done >= total))
    }
    #expect(open.count > 1 && !open.values.contains(true), "\(open)")
  }

  @Test("restore into a new database proves it equal, and never writes into one that holds something")
  func restore() throws {
    let shop = try Workspace(schema: Workspace.shop + Self.odd)
    try #require(try shop.belay("backup", shop.url).status == 0)
    let run = try shop.belay("restore", "latest", "--into", "sqlite:copy.db")
    #expect(run.status == 0, "\(run)")
    let copy = shop.folder.appending(path: "copy.db")
    #expect(try shop.dump(copy) == (try shop.dump()))
    let bytes = try Data(contentsOf: copy)
    let again = try shop.belay("restore", "latest", "--into", "sqlite:copy.db")
    #expect(again.status == 22, "\(again)")
    #expect(try Data(contentsOf: copy) == bytes)
  }

  @Test("one table comes back alone, into a database that has it not or has it empty")
  func table() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let expected = try shop.sqlite("SELECT * FROM orders")
    try shop.sqlite("DELETE FROM orders")
    let run = try shop.belay("restore", "latest", "--into", shop.url, "--table", "orders")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.sqlite("SELECT * FROM orders") == expected)
    let full = try shop.belay("restore", "latest", "--into", shop.url, "--table", "orders")
    #expect(full.status == 22, "\(full)")
    #expect(full.errors.contains("already contains 100 rows"))
    let fresh = try shop.belay("restore", "latest", "--into", "sqlite:fresh.db", "--table", "customers")
    // But for a trigger that writes to a table that is not there.
    #expect(fresh.status == 3 && fresh.errors.contains("trigger customers.customer_gone"), "\(fresh)")
    #expect(try shop.sqlite("SELECT count(*) FROM customers", on: shop.folder.appending(path: "fresh.db")) == "20")
    let none = try shop.belay("restore", "latest", "--into", shop.url, "--table", "nothing")
    #expect(none.status == 10, "\(none)")
    #expect(none.errors.contains("customers"))
  }

  @Test(
    "extract gives one table as CSV, JSON or SQL, with or without a filter",
    arguments: [
      ("csv", "id,customer,cents\n1,2,100\n", nil),
      ("json", "[\n{\"id\":1,\"customer\":2,\"cents\":100}\n]\n", "id = 1"),
      ("sql", "INSERT INTO \"orders\"(\"id\",\"customer\",\"cents\") VALUES\n(1,2,100);\n", "id = 1"),
      ("csv", "id,customer,cents\n100,1,10000\n", "cents > 9900"),
    ] as [(String, String, String?)])
  func extract(form: String, begins: String, filter: String?) throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    var arguments = ["extract", "latest", "--table", "orders", "--as", form]
    if let filter { arguments += ["--where", filter] }
    let run = try Program.run(Program.belay().path, arguments, in: shop.folder)
    #expect(run.status == 0, "\(run)")
    let text = run.output.replacingOccurrences(of: "\"id\",\"customer\",\"cents\"\n", with: "id,customer,cents\n")
    if filter == nil { #expect(text.hasPrefix(begins), "\(run)") } else { #expect(text == begins, "\(run)") }
  }

  @Test("programs that write meanwhile are not torn apart, in both journal modes", arguments: ["wal", "delete"])
  func writers(mode: String) throws {
    let shop = try Workspace(
      schema: """
        PRAGMA journal_mode=\(mode);
        CREATE TABLE a (x INTEGER PRIMARY KEY, filler TEXT);
        CREATE TABLE b (x INTEGER PRIMARY KEY, filler TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
          INSERT INTO a SELECT i, hex(randomblob(100)) FROM n;
        INSERT INTO b SELECT * FROM a;
        """)
    // Each transaction adds one row to both tables: an instant in which they differ in number is torn.
    let script = """
      i=100000
      while [ ! -e stop ]; do
        i=$((i+1))
        sqlite3 -cmd '.timeout 20000' shop.db "BEGIN IMMEDIATE; INSERT INTO a VALUES ($i, 'x'); INSERT INTO b VALUES ($i, 'x'); COMMIT;" || exit 1
      done
      """
    let writer = try Program.start("/bin/sh", ["-c", script], in: shop.folder)
    try eventually("the first writes") { try shop.sqlite(".timeout 20000\nSELECT count(*) > 20000 FROM a") == "1" }
    let run = try shop.belay("backup", shop.url)
    try shop.write("", to: "stop")
    #expect(try writer.wait().status == 0)
    #expect(run.status == 0, "\(run)")
    try #require(try shop.belay("restore", "latest", "--into", "sqlite:copy.db").status == 0)
    let copy = shop.folder.appending(path: "copy.db")
    let counts = try shop.sqlite(
      "SELECT (SELECT count(*) FROM a) = (SELECT count(*) FROM b), (SELECT count(*) FROM a) > 20000", on: copy)
    #expect(counts == "1|1")
  }

  /// What is easily lost.
  static let odd = """
    CREATE TABLE "odd ""name"" é" (a, "select" TEXT, PRIMARY KEY (a)) WITHOUT ROWID;
    INSERT INTO "odd ""name"" é" VALUES (1, 'a'), (2.5, NULL), ('x', ''), (x'00ff', char(0) || 'z');
    CREATE TABLE numbers (i INTEGER, r REAL) STRICT;
    INSERT INTO numbers VALUES (9223372036854775807, 0.1), (-9223372036854775808, 9e999), (0, -9e999), (1, 1e-320);
    CREATE TABLE rows (x);
    INSERT INTO rows(rowid, x) VALUES (7, 'seven'), (-3, 'minus three');
    CREATE TABLE auto (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT, up TEXT GENERATED ALWAYS AS (upper(t)) STORED);
    INSERT INTO auto(t) VALUES ('a'), ('b');
    DELETE FROM auto WHERE t = 'b';
    CREATE VIRTUAL TABLE notes USING fts5(body);
    INSERT INTO notes VALUES ('a quick note'), ('another');
    CREATE VIRTUAL TABLE places USING rtree(id, x0, x1);
    INSERT INTO places VALUES (1, 0.5, 1.5);
    CREATE TABLE empty (x);
    PRAGMA user_version = 42;
    PRAGMA application_id = 1234;
    """
}
