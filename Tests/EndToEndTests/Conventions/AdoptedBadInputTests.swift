import Foundation
import Testing

/// What is wrong with a tool's folder or ledger is said before anything is done, with the way out.
@Suite("Folders and ledgers of other tools that cannot be gone on with")
struct AdoptedBadInputTests {
  struct Flaw: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let tool: AdoptedCase
    /// Files beside those of the case, or in the place of them; an empty text takes one away.
    var files: [String: String] = [:]
    /// Done to the database after the ledger is made.
    var sql = ""
    var arguments: [String] = []
    let says: [String]

    init(
      _ name: String, _ tool: AdoptedCase, files: [String: String] = [:], sql: String = "", arguments: [String] = [],
      says: String...
    ) {
      testDescription = "\(tool.tool): \(name)"
      self.tool = tool
      self.files = files
      self.sql = sql
      self.arguments = arguments
      self.says = says
    }
  }

  private static let flaws: [Flaw] = [
    Flaw(
      "two files of one version", .dbmate, files: ["02_more.sql": "-- migrate:up\nSELECT 1;\n-- migrate:down\n"],
      says: "02_more.sql and 02_second_step.sql both have the version 02"),
    Flaw(
      "two files of one version", .goose, files: ["2_more.sql": "-- +goose Up\nSELECT 1;\n"],
      says: "both have the version 2"),
    Flaw(
      "two files of one version", .golangMigrate, files: ["02_b.up.sql": "SELECT 1;"], says: "both have the version 2"),
    Flaw("two files of one version", .sqlx, files: ["02_b.sql": "SELECT 1;"], says: "both have the version 2"),
    Flaw("two files of one version", .flyway, files: ["V2_0__b.sql": "SELECT 1;"], says: "both have the version 2"),
    Flaw(
      "a file before one that is applied", .goose, sql: "INSERT INTO goose_db_version VALUES (3, 10, 1, 0)",
      says: "00002_second_step.sql has not been applied, but comes before version 10", "--out-of-order"),
    Flaw(
      "a file before one that is applied", .flyway,
      sql: "INSERT INTO flyway_schema_history VALUES (2, '10', 'tenth', 'SQL', 'x', -161832489, '', '', 1, 1)",
      says: "V2__second_step.sql has not been applied, but comes before version 10", "--out-of-order"),
    Flaw(
      "a changed file", .sqlx, files: ["1_first.up.sql": "SELECT 1;"],
      says: "1_first.up.sql was changed after it was applied", "restore the old text"),
    Flaw(
      "a changed file", .flyway, files: ["V1__first.sql": "SELECT 1;"],
      says: "V1__first.sql was changed after it was applied"),
    Flaw(
      "another number", .sqlx,
      files: ["1_first.up.sql": "", "1_first.down.sql": "", "3_first.up.sql": AdoptedCase.firstUp],
      says: "3_first.up.sql has already been applied, as version 1", "rename the file back"),
    Flaw(
      "another name", .flyway, files: ["V1__first.sql": "", "V1__other.sql": AdoptedCase.firstUp],
      says: "V1__other.sql was applied with the description `first`", "rename the file back"),
    Flaw(
      "a migration that failed half-way", .golangMigrate, sql: "UPDATE schema_migrations SET dirty = 1",
      says: "is dirty: its migration 1 failed half-way", "migrate force VERSION"),
    Flaw(
      "a migration that failed half-way", .sqlx, sql: "UPDATE _sqlx_migrations SET success = 0",
      says: "says that its migration 1 failed half-way", "set its success to true"),
    Flaw(
      "a migration that failed half-way", .flyway, sql: "UPDATE flyway_schema_history SET success = 0",
      says: "says that V1__first.sql failed half-way", "flyway repair"),
    Flaw(
      "a ledger that is newer than the folder", .golangMigrate, sql: "UPDATE schema_migrations SET version = 77",
      says: "has version 77, which is not in", "the right branch"),
    Flaw(
      "a file that is gone", .sqlx, files: ["1_first.up.sql": "", "1_first.down.sql": ""],
      says: "has version 1, which is not in"),
    Flaw("a file that is gone", .flyway, files: ["V1__first.sql": ""], says: "has version 1, which is not in"),
    Flaw("a file without marks", .dbmate, files: ["11_x.sql": "SELECT 1;"], says: "11_x.sql has no `-- migrate:up`"),
    Flaw(
      "half of the marks", .dbmate, files: ["11_x.sql": "-- migrate:up\nSELECT 1;"],
      says: "11_x.sql has no `-- migrate:down`"),
    Flaw(
      "a statement before the marks", .dbmate, files: ["11_x.sql": "SELECT 1;\n-- migrate:up\n-- migrate:down\n"],
      says: "a statement before `-- migrate:up`, in line 1"),
    Flaw(
      "a file without marks", .goose, files: ["00011_x.sql": "-- nothing\n"], says: "00011_x.sql has no `-- +goose Up`"),
    Flaw("a name without a number", .goose, files: ["x.sql": "-- +goose Up\n"], says: "x.sql has no number from 1"),
    Flaw(
      "an annotation that it does not know", .goose, files: ["00011_x.sql": "-- +goose Up\n-- +goose Upp\n"],
      says: "`-- +goose Upp`, which goose does not know, in line 2"),
    Flaw(
      "values from the environment", .goose,
      files: ["00011_x.sql": "-- +goose ENVSUB ON\n-- +goose Up\nSELECT '${X}';\n"],
      says: "takes values from the environment (`ENVSUB ON` in line 1)"),
    Flaw(
      "two folders of one version", .diesel, files: ["20260102-100000_b/up.sql": "SELECT 1;"],
      says: "both have the version 20260102100000"),
    Flaw("a folder without a way up", .diesel, files: ["x/down.sql": "SELECT 1;"], says: "x has no up.sql"),
    Flaw("a program", .goose, files: ["00011_x.go": "package x"], says: "00011_x.go is a program"),
    Flaw("a name without a number", .sqlx, files: ["x_y.sql": ""], says: "x_y.sql has no number before its first `_`"),
    Flaw(
      "a placeholder", .flyway, files: ["V11__x.sql": "SELECT '${x}';"], says: "V11__x.sql has a placeholder", "line 1"),
    Flaw(
      "a callback", .flyway, files: ["beforeMigrate.sql": "SELECT 1;"],
      says: "Flyway runs beforeMigrate.sql before or after"),
    Flaw(
      "a setting", .flyway, files: ["V2__second_step.sql.conf": "shouldExecute=false"],
      says: "`shouldExecute=false`, which belay cannot follow"),
    Flaw(
      "marks of two tools", .goose, files: ["00011_x.sql": "-- migrate:up\nSELECT 1;\n-- migrate:down\n"],
      says: "has the marks of dbmate and goose", "--convention dbmate"),
    Flaw(
      "a ledger of another shape", .dbmate, sql: "ALTER TABLE schema_migrations ADD COLUMN dirty bool",
      says: "cannot be dbmate's ledger: it has the columns version, dirty", "set `ledger:`"),
    Flaw(
      "a file by its name", .dbmate, arguments: ["02_second_step.sql"],
      says: "02_second_step.sql cannot be applied by itself", "--convention plain"),
    Flaw(
      "more than there is to undo", .dbmate, arguments: ["--down", "2"],
      says: "cannot undo so many migrations (2): the number of those that are applied is 1"),
    Flaw(
      "down to what is not applied", .goose, arguments: ["--down-to", "2"],
      says: "cannot go down to 00002_second_step.sql"),
    Flaw(
      "no way down", .goose, files: ["00001_first.sql": "-- +goose Up\n"], arguments: ["--down", "1"],
      says: "cannot undo 00001_first.sql: it has no way down", "belay rollback"),
    Flaw(
      "no file to undo it with", .dbmate, files: ["01_first.sql": ""], arguments: ["--down", "1"],
      says: "cannot undo version 01: its file is not in"),
    Flaw(
      "a migration that failed half-way", .prisma,
      sql: "UPDATE _prisma_migrations SET finished_at = NULL, logs = 'no such table: posts';",
      says: "says that its migration 20260101100000_first failed half-way",
      "prisma migrate resolve --applied 20260101100000_first", "no such table: posts"),
    Flaw(
      "a changed file", .prisma, files: ["20260101100000_first/migration.sql": "SELECT 1;"],
      says: "20260101100000_first/migration.sql was changed after it was applied"),
    Flaw(
      "a folder without a migration", .prisma, files: ["20260111100000_x/readme.txt": "soon"],
      says: "20260111100000_x has no migration.sql"),
    Flaw(
      "another engine", .prisma, files: ["migration_lock.toml": "# Prisma's\nprovider = \"mysql\"\n"],
      says: "is written for mysql, and the database is sqlite"),
    Flaw(
      "down", .prisma, arguments: ["--down", "1"], says: "belay cannot undo migrations of Prisma's", "belay rollback"),
    Flaw(
      "another engine", .drizzle(.sqlite), files: ["meta/_journal.json": AdoptedCase.drizzleJournal("postgresql")],
      says: "is written for postgresql, and the database is sqlite"),
    Flaw(
      "a journal that is none", .drizzle(.sqlite), files: ["meta/_journal.json": "{\"entries\": 7}"],
      says: "is no journal of drizzle-kit's"),
    Flaw(
      "a file that is gone", .drizzle(.sqlite), files: ["0001_second_step.sql": ""],
      says: "0001_second_step.sql is in meta/_journal.json, and there is no such file"),
    Flaw(
      "a changed file", .drizzle(.sqlite), files: ["0000_first.sql": "SELECT 1;"],
      says: "0000_first.sql was changed after it was applied"),
    Flaw(
      "a journal with another moment for what is applied", .drizzle(.sqlite),
      files: [
        "meta/_journal.json": AdoptedCase.drizzleJournal("sqlite").replacing("1767261600123", with: "1767261600999")
      ],
      says: "0000_first.sql has already been applied, with another `when`"),
    Flaw(
      "two entries of one moment", .drizzle(.sqlite),
      files: [
        "meta/_journal.json": AdoptedCase.drizzleJournal("sqlite").replacing("1768039200789", with: "1767348000456")
      ],
      says: "both have the version 1767348000456"),
    Flaw(
      "a ledger of an older version", .drizzleFolders(.sqlite),
      sql: "ALTER TABLE __drizzle_migrations DROP COLUMN applied_at;", says: "cannot be Drizzle's ledger",
      "belay guard TARGET -- npx drizzle-kit migrate"),
    Flaw(
      "a folder without a moment", .drizzleFolders(.sqlite),
      files: ["x_first/migration.sql": "SELECT 1;"], says: "x_first does not begin with a moment"),
    Flaw(
      "a changed file", .atlas, files: ["20260102100000_second_step.sql": "SELECT 1;"],
      says: "atlas.sum does not agree with the files in", "the first is 20260102100000_second_step.sql",
      "atlas migrate hash"),
    Flaw(
      "a file that atlas.sum does not have", .atlas, files: ["20260111100000_x.sql": "SELECT 1;"],
      says: "atlas.sum does not agree", "the first is 20260111100000_x.sql"),
    Flaw(
      "a migration that failed half-way", .atlas,
      sql: "UPDATE atlas_schema_revisions SET applied = 1, error = 'no such table: posts';",
      says: "says that its migration 20260101100000 stopped after 1 of 2 statements", "atlas migrate set VERSION",
      "no such table: posts"),
    Flaw(
      "a file before one that is applied", .atlas,
      sql:
        "INSERT INTO atlas_schema_revisions SELECT '20260110100000', description, type, applied, total, executed_at, "
        + "execution_time, error, error_stmt, hash, partial_hashes, operator_version FROM atlas_schema_revisions;",
      says: "20260102100000_second_step.sql has not been applied, but comes before version 20260110100000",
      "--out-of-order"
    ),
    Flaw(
      "down", .flyway, arguments: ["--down", "1"], says: "belay cannot undo migrations of Flyway's", "belay rollback"),
  ]

  @Test("each is refused, with nothing done", arguments: flaws)
  func refused(flaw: Flaw) throws {
    let shop = try shop(flaw.tool, files: flaw.files, sql: flaw.sql)
    let run = try shop.folder.belay(["migrate", shop.folder.url] + flaw.arguments + ["--plan"])
    #expect(run.status == 22, "\(run)")
    for text in flaw.says { #expect(run.errors.contains(text), "\(text) is not in \(run)") }
  }

  private func shop(_ tool: AdoptedCase, files: [String: String] = [:], sql: String = "") throws -> AdoptedShop {
    let shop = try AdoptedShop(.sqlite, schema: AdoptedCase.firstUp + (tool.ledger[.sqlite] ?? "") + sql)
    try shop.write(tool.files.merging(files) { $1 }.filter { !$0.value.isEmpty || $0.key == "x_y.sql" })
    return shop
  }

  @Test(
    "a checkout with other line ends is the same migration",
    arguments: AdoptedCase.all + [.drizzle(.sqlite), .drizzleFolders(.sqlite)])
  func lineEnds(tool: AdoptedCase) throws {
    let shop = try shop(tool, files: tool.files.mapValues { $0.replacing("\n", with: "\r\n") })
    let run = try shop.folder.belay("migrate", shop.folder.url, "--plan")
    #expect(run.status == 0 && run.output.contains("second_step"), "\(run)")
  }

  @Test("what the tool would apply late, or does not know the file of, is applied, and said")
  func lateAndAhead() throws {
    let shop = try shop(.dbmate, sql: "INSERT INTO schema_migrations VALUES ('10'), ('99');")
    let run = try shop.folder.belay("migrate", shop.folder.url, "--plan")
    #expect(run.status == 0 && run.output.contains("02_second_step.sql"), "\(run)")
    #expect(run.errors.contains("comes before version 99, which has; it is applied now"), "\(run)")
    #expect(run.errors.contains("has version 99, and the newest file in"), "\(run)")
  }

  @Test("what Drizzle passes over without a word is said, and stays as it is")
  func passedOver() throws {
    let shop = try shop(
      .drizzle(.sqlite), sql: "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 1767900000000);")
    let run = try shop.folder.belay("migrate", shop.folder.url, "--plan")
    #expect(run.status == 0 && !run.output.contains("0001_second_step.sql:"), "\(run)")
    #expect(run.output.contains("0002_tenth.sql"), "\(run)")
    #expect(run.errors.contains("0001_second_step.sql: has never been applied, and Drizzle passes it over"), "\(run)")
  }

  @Test("Atlas's directives: no transaction, a checkpoint, a delimiter; and a baseline")
  func atlasDirectives() throws {
    let shop = try AdoptedShop(.sqlite, schema: AdoptedCase.firstUp + (try #require(AdoptedCase.atlas.ledger[.sqlite])))
    func write(_ header: String) throws {
      try shop.write(["20260101100000_first.sql": AdoptedCase.firstUp])
      let made = try shop.folder.belay("new", "more", "--convention", "atlas")
      try #require(made.status == 0, "\(made)")
      let path = try #require(made.output.split(separator: "\n").first.map(String.init))
      try (header + "\n\nCREATE TABLE more (x);\n").write(toFile: path, atomically: true, encoding: .utf8)
      // Only another `new` writes atlas.sum anew.
      let next = try shop.folder.belay("new", "rest", "--convention", "atlas")
      try #require(next.status == 0, "\(next)")
    }
    try write("-- atlas:txmode none")
    let plan = try shop.folder.belay("migrate", shop.folder.url, "--plan")
    #expect([0, 3].contains(plan.status) && plan.output.contains("no transaction"), "\(plan)")
    for file in try shop.folder.listing(shop.folder.folder.appending(path: "migrations")) {
      try FileManager.default.removeItem(at: shop.folder.folder.appending(path: "migrations/\(file)"))
    }
    try write("-- atlas:delimiter \\n\\n")
    let delimiter = try shop.folder.belay("migrate", shop.folder.url, "--plan")
    #expect(
      delimiter.status == 22 && delimiter.errors.contains("`atlas:delimiter`, which belay cannot"), "\(delimiter)")
    try shop.query("UPDATE atlas_schema_revisions SET version = '20300101000000', type = 1, applied = 0, total = 0")
    #expect(try shop.migrate().output.contains("nothing to apply"), "all is before the baseline")
  }

  @Test("a migration that Prisma calls rolled back runs again")
  func rolledBack() throws {
    let shop = try shop(
      .prisma, sql: "UPDATE _prisma_migrations SET rolled_back_at = 1767261600500, finished_at = NULL; DROP TABLE tags;"
    )
    let run = try shop.migrate("--no-rehearse")
    #expect(run.status == 0, "\(run)")
    #expect(
      try shop.query("SELECT count(*), count(finished_at), count(rolled_back_at) FROM _prisma_migrations") == "4|3|1")
    #expect(try shop.migrate().output.contains("nothing to apply"))
  }

  @Test("a rebuild of a table in the middle of a file does not cascade: Prisma runs it with foreign keys off")
  func prismaRebuild() throws {
    let shop = try AdoptedShop(
      .sqlite,
      schema: """
        CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE notes (id INTEGER PRIMARY KEY, tag INTEGER REFERENCES tags ON DELETE CASCADE);
        INSERT INTO tags VALUES (1, 'one'); INSERT INTO notes VALUES (7, 1);
        """ + (try #require(AdoptedCase.prisma.ledger[.sqlite])))
    try shop.write([
      "20260101100000_first/migration.sql": AdoptedCase.firstUp,
      "20260102100000_redefine/migration.sql": """
      -- AlterTable
      ALTER TABLE "notes" ADD COLUMN "text" TEXT;

      -- RedefineTables
      PRAGMA defer_foreign_keys=ON;
      PRAGMA foreign_keys=OFF;
      CREATE TABLE "new_tags" ("id" INTEGER NOT NULL PRIMARY KEY, "name" TEXT, "note" TEXT);
      INSERT INTO "new_tags" ("id", "name") SELECT "id", "name" FROM "tags";
      DROP TABLE "tags";
      ALTER TABLE "new_tags" RENAME TO "tags";
      PRAGMA foreign_keys=ON;
      PRAGMA defer_foreign_keys=OFF;
      """,
    ])
    let run = try shop.migrate()
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(!run.errors.contains("no effect"), "\(run)")
    #expect(try shop.query("SELECT * FROM notes; SELECT id, name FROM tags") == "7|1|\n1|one")
  }

  @Test("a changed part is found also where the tool keeps no checksum; the other part may change")
  func changedPart() throws {
    let shop = try shop(.goose)
    try #require(try shop.migrate("--no-rehearse").status == 0)
    let text = try #require(AdoptedCase.goose.files["00002_second_step.sql"])
    try shop.write(["00002_second_step.sql": text + "-- more\nSELECT 1;\n"])
    #expect(try shop.migrate().output.contains("nothing to apply"))
    try shop.write(["00002_second_step.sql": text.replacing("a note", with: "no note")])
    let run = try shop.migrate()
    #expect(run.status == 22 && run.errors.contains("00002_second_step.sql was changed after it was applied"), "\(run)")
  }

  @Test("a tool that begins only in an empty database does so under belay too")
  func notEmpty() throws {
    let shop = try AdoptedShop(.sqlite, schema: AdoptedCase.firstUp)
    try shop.write(AdoptedCase.flyway.files)
    let run = try shop.migrate()
    #expect(run.status == 22 && run.errors.contains("has tables such as tags, but no ledger"), "\(run)")
    #expect(run.errors.contains("flyway baseline"), "\(run)")
  }

  @Test("what belay has applied as plain files is not applied again by a tool's rules")
  func plainBefore() throws {
    let shop = try AdoptedShop(.sqlite)
    try shop.write(["1_a.up.sql": "CREATE TABLE tags (x);"])
    try #require(try shop.migrate().status == 0)
    let run = try shop.migrate("--convention", "sqlx")
    #expect(run.status == 22 && run.errors.contains("belay has applied 1_a.up.sql"), "\(run)")
    #expect(try shop.migrate("--convention", "plain").output.contains("nothing to apply"))
    let down = try shop.migrate("--down", "1")
    #expect(down.status == 22 && down.errors.contains("plain files, which have no way down"), "\(down)")
  }

  @Test("belay.yaml names the tool, and its ledger")
  func configured() throws {
    let shop = try AdoptedShop(.sqlite)
    try shop.write(["1_a.up.sql": "CREATE TABLE tags (x);", "1_a.down.sql": "DROP TABLE tags;"])
    try shop.folder.write("migrations:\n  convention: golang-migrate\n  ledger: versions\n", to: "belay.yaml")
    let run = try shop.migrate()
    #expect(run.status == 0, "\(run)")
    #expect(try shop.query("SELECT version, dirty FROM versions") == "1|0")
    try shop.folder.write("migrations:\n  convention: gosse\n", to: "belay.yaml")
    let wrong = try shop.migrate()
    #expect(wrong.errors.contains("golang-migrate"), "\(wrong)")
  }
}
