import DriverTesting
import Foundation
import Testing

@Suite("A backup of a part of a database")
struct ScopeTests {
  /// Logs, with what cannot be without them; and a full-text index with its shadow tables.
  private static let logs = """
    CREATE TABLE log_web (at TEXT, line TEXT);
    INSERT INTO log_web VALUES ('now', 'x');
    CREATE VIEW errors AS SELECT * FROM log_web WHERE line LIKE 'error%';
    CREATE VIEW recent_errors AS SELECT * FROM errors;
    CREATE VIEW weblog AS SELECT 'log_webs' AS other, at AS logged FROM (SELECT 1 AS at);
    CREATE TRIGGER note AFTER INSERT ON orders BEGIN INSERT INTO log_web VALUES (new.id, 'order'); END;
    CREATE VIRTUAL TABLE texts USING fts5(body);
    INSERT INTO texts VALUES ('hello world');
    CREATE TABLE log_numbers (id INTEGER PRIMARY KEY AUTOINCREMENT);
    INSERT INTO log_numbers DEFAULT VALUES;
    """

  private func objects(_ shop: Workspace, _ file: String) throws -> [String] {
    let names = "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
    return try shop.sqlite(names, on: shop.folder.appending(path: file)).split(separator: "\n").map(String.init)
  }

  @Test(
    "holds the tables that are asked for, with all that can be without the others",
    arguments: [
      (["--exclude-table", "log*"], ["log", "log_web"], ["texts", "totals", "weblog"]),
      (["--table", "orders", "--table", "customers"], ["log", "texts"], ["orders_by_customer", "weblog"]),
      (["--table", "texts"], ["orders", "log_web", "totals"], ["texts", "texts_content", "weblog"]),
      (["--table", "*s", "--exclude-table", "t*"], ["log", "texts", "texts_data"], ["customers", "orders"]),
    ])
  func parts(options: [String], without: [String], with: [String]) throws {
    let shop = try Workspace(schema: Workspace.shop + Self.logs)
    let before = try shop.dump()
    let run = try shop.belay(["backup", shop.url] + options)
    #expect(run.status == 0 && run.output.contains("verified at level restore"), "\(run)")
    #expect("\(run)".contains("a part of") && "\(run)".contains("without "), "\(run)")
    #expect(try shop.dump() == before)
    let restored = try shop.belay("restore", "latest", "--into", "sqlite:part.db")
    #expect(restored.status == 0, "\(restored)")
    let objects = try objects(shop, "part.db")
    for name in without + ["recent_errors"] { #expect(!objects.contains(name), "\(name) of \(objects)") }
    for name in with { #expect(objects.contains(name), "\(name) of \(objects)") }
    // Said wherever somebody may take it for the whole.
    let show = try shop.belay("show", "latest")
    #expect(show.output.contains("scope    a part of the database") && show.output.contains("  view errors"), "\(show)")
    #expect(try shop.belay("list").output.contains("a part"))
    let readme = try Program.run(
      "/usr/bin/env", ["tar", "xOf", "backups/\(try shop.latest()).tar", "README.txt"], in: shop.folder)
    #expect(readme.output.contains("It holds a part of the database, without"), "\(readme)")
    // By hand, as README.txt says.
    let hand = try Program.run(
      "/bin/sh",
      [
        "-c",
        "tar xOf backups/\(try shop.latest()).tar full_backup.sql.zst | zstd -qdc | sqlite3 -bail -cmd '.dbconfig defensive off' hand.db",
      ],
      in: shop.folder)
    #expect(hand.status == 0, "\(hand)")
    // What is left out is not compared.
    let diff = try shop.belay("diff", "latest", shop.url)
    #expect(diff.status == 0 && diff.errors.contains("not compared"), "\(diff)")
  }

  @Test("a foreign key that stays, and a trigger that cannot work, are said")
  func dangling() throws {
    let shop = try Workspace(schema: Workspace.shop + Self.logs)
    let run = try shop.belay("backup", shop.url, "--table", "orders")
    #expect(run.status == 0 && run.errors.contains("Table orders refers to customers, which is not"), "\(run)")
    #expect(try shop.belay("show", "latest").output.contains("Table orders refers to customers"))
    try #require(try shop.belay("backup", shop.url, "--name", "all").status == 0)
    let table = try shop.belay("restore", "latest", "--into", "sqlite:one.db", "--table", "orders")
    #expect(table.status == 3 && table.errors.contains("trigger orders.note: it names table log_web"), "\(table)")
    let file = shop.folder.appending(path: "one.db")
    #expect(try shop.sqlite("INSERT INTO orders (customer) VALUES (1) RETURNING id", on: file) == "101")
  }

  @Test("is never what a database is put back to")
  func noWayBack() throws {
    let shop = try Workspace(schema: Workspace.shop + Self.logs)
    try shop.migration("20260101_a.sql", "ALTER TABLE orders ADD COLUMN x;")
    try #require(try shop.belay("backup", shop.url, "--exclude-table", "log_web").status == 0)
    let before = try shop.dump()
    for command in [
      ["rollback", "latest", "--yes"], ["rollback", "latest", "--plan"],
      ["migrate", shop.url, "--backup", "latest", "--yes"],
    ] {
      let run = try shop.belay(command)
      #expect(run.status == 22 && run.errors.contains("holds a part of the database"), "\(command): \(run)")
      #expect(run.errors.contains("there is no backup of the whole database"), "\(command): \(run)")
    }
    #expect(try shop.dump() == before)
    // Nor does it tell how long the whole takes.
    #expect(try !"\(shop.belay("doctor", shop.url))".contains("as measured with"))
    // It does not stand for the database where somebody asks how old its last backup is.
    #expect(!(try shop.belay("status").output.contains(try shop.latest())))
    try #require(try shop.belay("backup", shop.url, "--verify", "manifest").status == 0)
    let whole = try shop.latest()
    try #require(try shop.belay("backup", shop.url, "--table", "orders", "--verify", "manifest").status == 0)
    let refused = try shop.belay("rollback", "latest", "--yes")
    #expect(refused.status == 22 && refused.errors.contains("whole database is \(whole);"), "\(refused)")
    #expect(try "\(shop.belay("doctor", shop.url))".contains("as measured with \(whole)"))
  }

  @Test("whose pattern matches nothing, or that would hold nothing, is refused, and no failed backup")
  func matchesNothing() throws {
    let shop = try Workspace(schema: Workspace.shop + "CREATE VIRTUAL TABLE texts USING fts5(body);")
    for (options, status, words) in [
      (["--table", "orders", "--table", "custmers"], 10, "no table matches `custmers`"),
      (["--schema", "main"], 10, "no schema matches `main`"),
      (["--schema", "main"], 10, "this database has no schemas"),
      (["--exclude-table", "texts_*"], 10, "no table matches `texts_*`"),
      (["--exclude-table", "*"], 10, "leaves no table"),
      (["--table", ""], 64, "empty"),
      (["--table", "orders", "--formats", "native"], 64, "a native dump holds the whole database"),
    ] {
      let run = try shop.belay(["backup", shop.url] + options)
      #expect(run.status == Int32(status) && run.errors.contains(words), "\(options): \(run)")
    }
    #expect(try shop.belay("show", "latest").status == 10)
    #expect(!(try shop.belay("status").output.contains("failed")))
    // All of it is all of it.
    let all = try shop.belay("backup", shop.url, "--table", "*")
    #expect(all.status == 0 && !"\(all)".contains("a part of"), "\(all)")
    #expect(try shop.belay("show", "latest").output.contains("full_backup.db"))
  }

  @Test("can be a target's own, in belay.yaml: then it counts as its backup")
  func configured() throws {
    let shop = try Workspace(schema: Workspace.shop + Self.logs)
    func scope(_ more: String) throws {
      try shop.write(
        "targets:\n  shop:\n    url: \(shop.url)\n    scope:\n      exclude_tables: [log_web, 'nothing_*']\n\(more)",
        to: "belay.yaml")
    }
    try scope("")
    let run = try shop.belay("backup", "shop")
    #expect(run.status == 3 && run.errors.contains("no table matches `nothing_*`"), "\(run)")
    #expect(try shop.belay("status").output.contains(try shop.latest()))
    // What somebody types overrides it.
    let typed = try shop.belay("backup", "shop", "--table", "*")
    #expect(typed.status == 0 && !"\(typed)".contains("a part"), "\(typed)")
    // A migration can only go back to all of it.
    try shop.migration("20260101_a.sql", "ALTER TABLE orders ADD COLUMN x;")
    let migrated = try shop.belay("migrate", "shop", "--yes")
    #expect(migrated.status == 0, "\(migrated)")
    #expect(!(try shop.belay("show", "latest").output.contains("a part")))
    try scope("      required: true\n")
    let required = try shop.belay("backup", "shop")
    #expect(required.status == 10 && required.errors.contains("nothing_*"), "\(required)")
    for (text, words) in [("      tabels: [a]\n", "tabels"), ("      tables: ['']\n", "is empty")] {
      try scope(text)
      let wrong = try shop.belay("backup", "shop")
      #expect(wrong.status == 64 && wrong.errors.contains(words), "\(wrong)")
    }
  }

  @Test("on PostgreSQL: partitions go with their table, and foreign keys to what is left out are left out")
  func postgreSQL() throws {
    let shop = try PostgreSQLWorkspace(
      schema: PostgreSQLWorkspace.shop + PostgreSQLBackupTests.odd + """
        CREATE SCHEMA audit;
        CREATE TABLE audit.orders (id int PRIMARY KEY, log int);
        CREATE TABLE heir (more int) INHERITS (audit.orders);
        CREATE VIEW logs AS SELECT o.log FROM audit.orders o;
        """)
    /// By belay, and by hand as README.txt says.
    func restored(_ options: [String]) throws -> (tables: String, others: String) {
      let run = try shop.belay(["backup", shop.url] + options)
      #expect(run.status == 0 && run.output.contains("verified at level restore"), "\(options): \(run)")
      let copy = PostgreSQLServer.freshName("part")
      let restore = try shop.belay("restore", "latest", "--into", shop.server.url(copy))
      defer { try? shop.server.dropDatabase(copy) }
      #expect(restore.status == 0, "\(options): \(restore)")
      let byHand = PostgreSQLServer.freshName("hand")
      try shop.server.makeDatabase(byHand)
      defer { try? shop.server.dropDatabase(byHand) }
      let hand = try Program.run(
        "/bin/sh",
        [
          "-c",
          """
          set -e
          tar xOf backups/\(try shop.latest()).tar full_backup.sql.zst | zstd -qdc |
            \(shop.server.programs)/psql -X -q -v ON_ERROR_STOP=1 -d '\(shop.server.url(byHand))' >/dev/null
          """,
        ], in: shop.folder)
      #expect(hand.status == 0, "\(options): \(hand)")
      let relations = """
        SELECT string_agg(c.oid::regclass::text, ' ' ORDER BY 1) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE nspname NOT LIKE 'pg_%' AND nspname <> 'information_schema' AND relkind
        """
      return (
        try shop.server.psql("\(relations) IN ('r', 'p')", database: copy),
        try shop.server.psql(
          "\(relations) IN ('v', 'm') UNION ALL SELECT string_agg(conname, ' ') FROM pg_constraint WHERE contype = 'f'",
          database: copy)
      )
    }
    let parted = try restored(["--table", "parted"])
    #expect(parted.tables == "parted parted_2025 parted_rest", "\(parted)")
    #expect(try restored(["--table", "parted_2025"]).tables.hasPrefix("parted parted_2025"))
    let orders = try restored(["--table", "public.orders"])
    #expect(
      orders.tables == "orders" && orders.others.contains("summary") && orders.others.contains("totals"), "\(orders)")
    #expect(!orders.others.contains("fkey") && !orders.others.contains("logs"), "\(orders)")
    let heir = try restored(["--table", "heir"])
    #expect(heir.tables == "heir audit.orders", "\(heir)")
    let rest = try restored(["--exclude-table", "audit.*", "--exclude-table", "heir", "--exclude-table", "s*"])
    #expect(rest.others.contains("orders_customer_fkey") && !rest.others.contains("logs"), "\(rest)")
    #expect(!rest.tables.contains("audit") && !rest.tables.contains("secret") && rest.tables.contains("customers"))
    #expect(try restored(["--schema", "audit"]).tables == "audit.orders")
    let torn = try shop.belay("backup", shop.url, "--exclude-table", "audit.orders")
    #expect(torn.status == 64 && torn.errors.contains("cannot be made without table audit.orders"), "\(torn)")
  }
}
