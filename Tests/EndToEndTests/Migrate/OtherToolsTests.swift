import Foundation
import Testing

/// Folders and databases on which another migration tool has worked: nothing is run by rules that are not its own.
@Suite("belay migrate where another migration tool was at work")
struct OtherToolsTests {
  /// Refused, with nothing done to the database.
  private func expectRefusal(_ shop: Workspace, says: [String], _ arguments: String...) throws {
    let before = try Data(contentsOf: shop.database)
    let run = try shop.belay(["migrate", shop.url, "--yes"] + arguments)
    #expect(run.status == 22, "\(run)")
    for text in says { #expect(run.errors.contains(text), "\(text) is not in \(run)") }
    #expect(try Data(contentsOf: shop.database) == before)
  }

  @Test(
    "a file with a way up and a way down is not run as a whole, named or not", arguments: [[], ["migrations/1.sql"]])
  func sections(files: [String]) throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE a (x);\n\n---- create above / drop below ----\nDROP TABLE orders;\n")
    let before = try shop.dump()
    let run = try shop.belay(["migrate", shop.url] + files + ["--yes"])
    #expect(run.status == 22, "\(run)")
    #expect(run.errors.contains("written for tern") && run.errors.contains("tern migrate"), "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test("a folder that is another tool's: its name, what shows it, and what can be done")
  func folder() throws {
    let shop = try Workspace()
    try shop.migration("1_a.sql", "CREATE TABLE a (x);")
    try shop.migration("tern.conf", "")
    try expectRefusal(shop, says: ["is tern's: it contains tern.conf", "tern migrate", "not applied: 1_a.sql"])
    let named = try shop.belay("migrate", shop.url, "1_a.sql", "--yes")
    #expect(named.status == 0, "\(named)")
  }

  @Test("a folder whose migrations are no SQL files, or lie in folders of their own")
  func noFiles() throws {
    let shop = try Workspace()
    try shop.folder(of: "migrations/1_first/up.sql", "CREATE TABLE a (x);")
    try expectRefusal(shop, says: ["is Diesel or Hasura's: it contains 1_first/up.sql"])
  }

  @Test("files that undo another are left out, and plan and result say so")
  func skipped() throws {
    let shop = try Workspace()
    try shop.migration("2_tags.up.sql", "CREATE TABLE tags (x);")
    try shop.migration("2_tags.down.sql", "DROP TABLE orders;")
    try shop.migration("3_add_down_payment.sql", "ALTER TABLE orders ADD COLUMN down_payment INT;")
    let plan = try shop.belay("migrate", shop.url, "--plan")
    #expect(plan.output.contains("skipped 2_tags.down.sql: undoes a migration"), "\(plan)")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(
      run.status == 0 && "\(run)".contains("applied 2 migrations to sqlite:shop.db; skipped 2_tags.down.sql"), "\(run)")
    #expect(try shop.sqlite("SELECT count(down_payment) FROM orders") == "0")
    let again = try shop.belay("migrate", shop.url, "--yes")
    #expect(again.output.contains("nothing to apply") && again.output.contains("skipped 2_tags.down.sql"), "\(again)")
  }

  @Test("a name that does not tell which it is")
  func unclear() throws {
    let shop = try Workspace()
    try shop.migration("1_down_payment.sql", "ALTER TABLE orders ADD COLUMN down_payment INT;")
    try expectRefusal(shop, says: ["1_down_payment.sql does not tell", "there is no 1_payment.sql"])
    #expect(try shop.belay("migrate", shop.url, "1_down_payment.sql", "--yes").status == 0)
    #expect(try shop.belay("migrate", shop.url, "--yes").output.contains("nothing to apply"))
  }

  private static let ledgers: [(tool: String, schema: String, isCertain: Bool)] = [
    (
      "goose",
      """
      CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER, is_applied INTEGER, tstamp TEXT);
      INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1), (2, 1), (2, 0);
      """, false
    ),
    (
      "Flyway",
      """
      CREATE TABLE flyway_schema_history (installed_rank INT, version TEXT, script TEXT, checksum INT, success BOOLEAN);
      INSERT INTO flyway_schema_history VALUES (1, '1', 'db/0001_tags.sql', 7, 1), (2, '2', '0002_more.sql', 7, 0);
      """, true
    ),
    (
      "golang-migrate",
      "CREATE TABLE schema_migrations (version INTEGER, dirty BOOL); INSERT INTO schema_migrations VALUES (1, 0);",
      false
    ),
    (
      "dbmate or Rails",
      "CREATE TABLE schema_migrations (version TEXT PRIMARY KEY); INSERT INTO schema_migrations VALUES ('0001');", false
    ),
    (
      "Drizzle",
      """
      CREATE TABLE __drizzle_migrations (id INTEGER, hash TEXT, created_at NUMERIC);
      INSERT INTO __drizzle_migrations VALUES
        (NULL, 'd0afbaaa2b01c06ba7a0e9ae7de6c1ba4f6d9e4bd2f9c7dd2c1d7b7d2e3f4a5b', 1), (NULL, '@digest@', 2);
      """, true
    ),
    (
      "Entity Framework",
      """
      CREATE TABLE "__EFMigrationsHistory" ("MigrationId" TEXT PRIMARY KEY, "ProductVersion" TEXT);
      INSERT INTO "__EFMigrationsHistory" VALUES ('0001_tags', '8');
      """, true
    ),
    (
      "another migration tool",
      "CREATE TABLE own_migrations (filename TEXT); INSERT INTO own_migrations VALUES ('0001_tags.sql');", true
    ),
  ]

  @Test("files that the ledger of that tool has are not run again", arguments: ledgers.indices)
  func applied(index: Int) throws {
    let ledger = Self.ledgers[index]
    let shop = try Workspace()
    let text = "CREATE TABLE IF NOT EXISTS tags (x);\nINSERT INTO tags VALUES (1);\n"
    try shop.migration("0001_tags.sql", text)
    let digest = try Program.run(
      "/usr/bin/env", ["sha256sum", "migrations/0001_tags.sql"], in: shop.folder
    ).output.prefix(64)
    try shop.sqlite(ledger.schema.replacing("@digest@", with: digest))
    try shop.migration("0002_more.sql", "INSERT INTO tags VALUES (2);")
    try expectRefusal(shop, says: ["0001_tags.sql has already been applied by \(ledger.tool)", "another folder"])
    // A number may be another file's, and who names a file knows.
    let named = try shop.belay("migrate", shop.url, "0001_tags.sql", "--plan")
    #expect(named.status == (ledger.isCertain ? 22 : 0), "\(named)")
    try FileManager.default.removeItem(at: shop.folder.appending(path: "migrations/0001_tags.sql"))
    try shop.sqlite("CREATE TABLE tags (x)")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")  // 3: it warns of the other ledger
    #expect(try shop.sqlite("SELECT * FROM tags") == "2")
  }

  @Test("a ledger that says nothing of the files is mentioned the first time")
  func mentioned() throws {
    let shop = try Workspace()
    try shop.sqlite("CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('ab12');")
    try shop.migration("1.sql", "CREATE TABLE a (x);")
    let first = try shop.belay("migrate", shop.url, "--yes")
    #expect(first.status == 3 && first.errors.contains("is the ledger of Alembic"), "\(first)")
    try shop.migration("2.sql", "CREATE TABLE b (x);")
    let second = try shop.belay("migrate", shop.url, "--yes")
    #expect(second.status == 0 && !second.errors.contains("Alembic"), "\(second)")
  }

  @Test("a configured ledger of another shape is named, with its columns", arguments: ["schema_migrations", "orders"])
  func shape(table: String) throws {
    let shop = try Workspace()
    try shop.sqlite("CREATE TABLE schema_migrations (version TEXT PRIMARY KEY);")
    try shop.write("migrations:\n  ledger: \(table)\n", to: "belay.yaml")
    try shop.migration("1.sql", "CREATE TABLE a (x);")
    try expectRefusal(shop, says: ["the table \(table)", "cannot be belay's ledger", "lacks ", "ledger:"])
  }

  @Test("wrangler's own ledger in the local copy of a D1 database counts, and is kept")
  func localD1() throws {
    let shop = try Workspace()
    try shop.sqlite(
      """
      CREATE TABLE d1_migrations (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL);
      INSERT INTO d1_migrations (name) VALUES ('0001_double.sql');
      """)
    try shop.migration("0001_double.sql", "UPDATE orders SET cents = cents * 2;")
    try shop.migration("0002_tags.sql", "CREATE TABLE tags (x);")
    // Drizzle writes the files that wrangler applies.
    try shop.folder(of: "migrations/meta/_journal.json", "{}")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.sqlite("SELECT cents FROM orders WHERE id = 1") == "100")
    #expect(try shop.sqlite("SELECT name FROM d1_migrations ORDER BY id") == "0001_double.sql\n0002_tags.sql")
  }

  @Test("what belay applied before wrangler had a ledger there still counts")
  func localD1Before() throws {
    let shop = try Workspace()
    try shop.migration("0001_double.sql", "UPDATE orders SET cents = cents * 2;")
    try #require(try shop.belay("migrate", shop.url, "--yes").status == 0)
    try shop.sqlite("CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY, name TEXT UNIQUE, applied_at TIMESTAMP);")
    #expect(try shop.belay("migrate", shop.url, "--yes").output.contains("nothing to apply"))
  }
}

/// Which file a row of the ledger is about.
@Suite("A migration that is applied, under another name or in another folder")
struct MigrationIdentityTests {
  @Test("a renamed file is not run again")
  func renamed() throws {
    let shop = try Workspace()
    try shop.migration("1_a.sql", "UPDATE orders SET cents = cents * 2;")
    try #require(try shop.belay("migrate", shop.url, "--yes").status == 0)
    let folder = shop.folder.appending(path: "migrations")
    try FileManager.default.moveItem(at: folder.appending(path: "1_a.sql"), to: folder.appending(path: "2_b.sql"))
    for files in [[], ["2_b.sql"]] {
      let run = try shop.belay(["migrate", shop.url] + files + ["--yes"])
      #expect(run.status == 22, "\(run)")
      #expect(run.errors.contains("2_b.sql has already been applied, as 1_a.sql"), "\(run)")
    }
    // Beside the first, it is a second file of equal text.
    try FileManager.default.copyItem(at: folder.appending(path: "2_b.sql"), to: folder.appending(path: "1_a.sql"))
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.sqlite("SELECT cents FROM orders WHERE id = 1") == "400")
  }

  @Test("files of one name in several folders are several files, named from whatever folder")
  func sameName() throws {
    let shop = try Workspace()
    try shop.folder(of: "m/2018_a/up.sql", "CREATE TABLE a (x);")
    try shop.folder(of: "m/2018_b/up.sql", "CREATE TABLE b (x);")
    try shop.migration("1.sql", "CREATE TABLE c (x);")
    for file in ["m/2018_a/up.sql", "m/2018_b/up.sql"] {
      let run = try shop.belay("migrate", shop.url, file, "--yes")
      #expect(run.status == 0, "\(run)")
      let again = try shop.belay("migrate", shop.url, shop.folder.path + "/" + file, "--yes")
      #expect(again.status == 22 && again.errors.contains("has already been applied"), "\(again)")
    }
    // They have no place in the order of the folder.
    #expect(try shop.belay("migrate", shop.url, "--yes").status == 0)
    #expect(
      try shop.sqlite("SELECT name FROM belay_migrations ORDER BY rowid") == "m/2018_a/up.sql\nm/2018_b/up.sql\n1.sql")
  }

  @Test("a file beside the migrations folder is not of it, and needs none")
  func besideTheFolder() throws {
    let shop = try Workspace()
    for (file, table) in [("9.sql", "a"), ("m/1.sql", "b"), ("1.sql", "c")] {
      try shop.folder(of: file, "CREATE TABLE \(table) (x);")
      let run = try shop.belay("migrate", shop.url, file, "--yes")
      #expect(run.status == 0, "\(run)")
      let again = try shop.belay("migrate", shop.url, "./" + file, "--yes")
      #expect(again.status == 22 && again.errors.contains("has already been applied"), "\(again)")
    }
    // The folder comes later, with names that were given beside it, and before them.
    try shop.migration("1.sql", "CREATE TABLE d (x);")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.sqlite("SELECT name FROM belay_migrations ORDER BY rowid") == "./9.sql\nm/1.sql\n./1.sql\n1.sql")
  }

  @Test("a path starts at the current folder, also where the database has a name in belay.yaml above it")
  func below() throws {
    let shop = try Workspace()
    try shop.write("targets:\n  shop: sqlite:shop.db\n", to: "belay.yaml")
    try shop.folder(of: "db/extra.sql", "CREATE TABLE a (x);")
    let run = try Program.run(
      Program.belay().path, ["migrate", "shop", "extra.sql", "--yes"], in: shop.folder.appending(path: "db"))
    #expect(run.status == 0, "\(run)")
  }

  @Test("names in directives have the database's case; a name that nothing has is told")
  func names() throws {
    let shop = try Workspace()
    try shop.migration(
      "1.sql", "-- belay: allow-loss Orders\n-- belay: allow-change Lgo\nDELETE FROM customers WHERE id = 1;")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(
      run.errors.contains("allow-change Lgo` allows nothing") && run.errors.contains("did you mean log?"), "\(run)")
    #expect(!run.errors.contains("allow-loss Orders` allows nothing"), "\(run)")
    let allowed = try shop.belay("migrate", shop.url, "--yes", "--allow-loss", "LOG")
    #expect(allowed.status == 0, "\(allowed)")
  }

  @Test("a setting for outside the transaction is honoured behind other settings, as Prisma writes them")
  func settings() throws {
    let shop = try Workspace()
    try shop.migration(
      "1.sql",
      """
      -- RedefineTables
      PRAGMA defer_foreign_keys=ON;
      PRAGMA foreign_keys=OFF;
      CREATE TABLE new_customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, vip INTEGER);
      INSERT INTO new_customers (id, name, email) SELECT id, name, email FROM customers;
      DROP TABLE customers;
      ALTER TABLE new_customers RENAME TO customers;
      CREATE TRIGGER customer_gone AFTER DELETE ON customers BEGIN INSERT INTO log VALUES ('now', old.name); END;
      PRAGMA foreign_keys=ON;
      PRAGMA defer_foreign_keys=OFF;
      """)
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM orders") == "100")
  }
}
