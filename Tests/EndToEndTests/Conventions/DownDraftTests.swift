import Foundation
import Testing

/// Up by the tool's file, and down by what belay has drafted.
@Suite("belay down new")
struct DownDraftTests {
  private func text(_ shop: AdoptedShop, _ name: String) throws -> String {
    try String(contentsOf: shop.folder.folder.appending(path: "migrations/\(name)"), encoding: .utf8)
  }

  @Test("of what only adds, up and down again leaves the schema as it was", arguments: AdoptedEngine.allCases)
  func complete(engine: AdoptedEngine) throws {
    let shop = try AdoptedShop(engine)
    try shop.write([
      "1_first.sql": "-- migrate:up\n\(AdoptedCase.firstUp)\n-- migrate:down\n\(AdoptedCase.firstDown)",
      "2_second.sql": """
      -- migrate:up
      ALTER TABLE tags ADD COLUMN note text DEFAULT 'none';
      CREATE INDEX by_note ON tags (note);
      CREATE TABLE notes (id integer PRIMARY KEY, tag integer REFERENCES tags);
      CREATE VIEW noted AS SELECT name FROM tags WHERE note IS NOT NULL;

      -- migrate:down
      """,
    ])
    let first = try shop.migrate("--no-rehearse", "--to", "1")
    try #require([0, 3].contains(first.status), "\(first)")
    let before = try shop.content(engine)
    // It has not been applied yet: that makes no difference.
    let run = try shop.folder.belay("down", "new", "2", shop.folder.url)
    #expect(run.status == 0, "\(run)")
    #expect(run.errors.contains("in an empty database they make the schema what it was before"), "\(run)")
    #expect(run.output.hasSuffix("migrations/2_second.sql\n"), "\(run)")
    #expect(try shop.content(engine) == before, "the target is only read")

    let up = try shop.migrate("--no-rehearse")
    #expect([0, 3].contains(up.status), "\(up)")
    try #require(try shop.content(engine) != before)
    let down = try shop.migrate("--down", "1")
    let draft = try text(shop, "2_second.sql")
    #expect([0, 3].contains(down.status), "\(down)\n\(draft)")
    #expect(try shop.content(engine) == before)

    let again = try shop.folder.belay("down", "new", "2", shop.folder.url)
    #expect(again.status == 22 && again.errors.contains("there is a way down already: 2_second.sql, line"), "\(again)")
    #expect(try shop.folder.belay("status").errors.contains("no open run"))
  }

  @Test("of plain files it is a file beside the migration; what cannot be undone is said, with the archive that has it")
  func losses() throws {
    let shop = try AdoptedShop(
      .sqlite,
      schema: "CREATE TABLE posts (id integer PRIMARY KEY, text text NOT NULL, old text); CREATE TABLE gone (x);")
    try shop.write([
      "0001_posts.sql":
        "CREATE TABLE posts (id integer PRIMARY KEY, text text NOT NULL, old text);\nCREATE TABLE gone (x);",
      "0002_change.sql":
        "ALTER TABLE posts DROP COLUMN old;\nDROP TABLE gone;\nDELETE FROM posts WHERE id > 7;\nUPDATE posts SET text = '';",
    ])
    try #require(
      try shop.folder.belay("adopt", shop.folder.url, "--baseline", "1", "--no-rehearse", "--yes").status == 0)
    try #require(try [0, 3].contains(shop.migrate("--no-rehearse").status))
    let archive = try shop.folder.latest()
    let run = try shop.folder.belay("down", "new", "2", shop.folder.url)
    #expect(run.status == 3, "\(run)")
    for loss in [
      "the values of posts.old", "the rows of gone", "the rows that 0002_change.sql deletes from posts",
      "the values that 0002_change.sql changes in posts",
    ] {
      #expect(run.errors.contains("its way down does not undo this: \(loss)"), "\(loss) is not in \(run)")
    }
    let draft = try text(shop, "0002_change.down.sql")
    #expect(draft.contains("\nALTER TABLE \"posts\" ADD COLUMN \"old\" TEXT"), "\(draft)")
    #expect(draft.contains("\nCREATE TABLE gone (x);"), "\(draft)")
    // The commands that it names give what is lost.
    let commands = draft.matches(of: /\n-- +belay (.*)/).map { String($0.1) }
    #expect(commands.count == 4 && commands.allSatisfy { $0.contains(archive) }, "\(commands)")
    for command in commands {
      let shown = try shop.folder.belay(command.split(separator: " ").map(String.init))
      #expect([0, 3].contains(shown.status), "\(command): \(shown)")
    }
    let down = try shop.migrate("0002_change.down.sql")
    #expect([0, 3].contains(down.status), "\(down)")
    #expect(try shop.query("SELECT name FROM pragma_table_info('posts')") == "id\ntext\nold")
    // A way down is not drafted for a tool that has none, nor for a version that is not there.
    let missing = try shop.folder.belay("down", "new", "9", shop.folder.url)
    #expect(missing.status == 10 && missing.errors.contains("there is no migration 9"), "\(missing)")
    let prisma = try AdoptedShop(.sqlite)
    try prisma.write(AdoptedCase.prisma.files)
    let refused = try prisma.folder.belay("down", "new", "20260102100000", prisma.folder.url)
    #expect(refused.status == 22 && refused.errors.contains("cannot get a way down"), "\(refused)")
  }

  @Test("in PostgreSQL: constraints, defaults, types of columns, functions, and an enum value that nothing takes back")
  func postgresql() throws {
    let shop = try AdoptedShop(.postgresql)
    try shop.write([
      "00001_first.sql": """
      -- +goose Up
      CREATE TYPE mood AS ENUM ('ok');
      CREATE TABLE customers (id integer PRIMARY KEY, title text NOT NULL DEFAULT 'x', m mood);
      -- +goose StatementBegin
      CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.title = 'y'; RETURN new; END $$;
      -- +goose StatementEnd
      """,
      "00002_second.sql": """
      -- +goose Up
      ALTER TYPE mood ADD VALUE 'sad';
      ALTER TABLE customers ALTER COLUMN title TYPE varchar(20), ALTER COLUMN title DROP NOT NULL,
        ALTER COLUMN title SET DEFAULT 'y', ADD CHECK (length(title) > 0), ADD COLUMN vip boolean UNIQUE;
      DROP FUNCTION touch();
      CREATE FUNCTION half(a integer, b text) RETURNS integer LANGUAGE sql AS 'SELECT a / 2';
      CREATE SEQUENCE numbers;
      """,
    ])
    try #require(try [0, 3].contains(shop.migrate("--no-rehearse", "--to", "1").status))
    let columns = """
      SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns
      WHERE table_name = 'customers' ORDER BY 1;
      SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1;
      SELECT conname FROM pg_constraint WHERE conrelid = 'customers'::regclass ORDER BY 1;
      SELECT count(*) FROM pg_class WHERE relname = 'numbers';
      """
    let before = try shop.query(columns)
    let run = try shop.folder.belay("down", "new", "2", shop.folder.url)
    #expect(run.status == 3, "\(run)")
    #expect(run.errors.contains("does not undo this: type public.mood has another definition"), "\(run)")
    let draft = try text(shop, "00002_second.sql")
    #expect(draft.contains("-- Not undone: type public.mood. The engine refuses `DROP TYPE"), "\(draft)")
    #expect(draft.contains("-- +goose StatementBegin\nCREATE OR REPLACE FUNCTION public.touch()"), "\(draft)")
    let up = try shop.migrate("--no-rehearse")
    #expect([0, 3].contains(up.status), "\(up)")
    try #require(try shop.query(columns) != before)
    let down = try shop.migrate("--down", "1")
    #expect([0, 3].contains(down.status), "\(down)\n\(draft)")
    #expect(try shop.query(columns) == before)
  }
}
