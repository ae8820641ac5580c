import Foundation
import Testing

/// Held against Sqitch itself: what it has begun belay completes, and Sqitch goes on from there.
@Suite("Sqitch's folder and registry, gone on with")
struct SqitchAdoptedTests {
  private static let plan = """
    %syntax-version=1.0.0
    %project=shop
    %uri=https://example.com/shop/

    first 2026-01-01T10:00:00Z Ann <ann@example.com> # makes customers
    tags [first] 2026-01-02T10:00:00Z Ann Ö. <ann@example.com> # a name, and\\na second line
    @v1.0 2026-01-02T11:00:00Z Ann <ann@example.com> # a tag
    more [tags first@v1.0] 2026-01-03T10:00:00Z Bob <bob@example.com>
    @v2.0 2026-01-03T11:00:00Z Bob <bob@example.com> # another
    more [more@v2.0] 2026-01-04T10:00:00Z Bob <bob@example.com> # reworked

    """
  /// A user may have tables of the registry's names.
  private static let files = [
    "sqitch.plan": plan,
    "sqitch.conf": "[core]\n\tengine = pg\n[user]\n\tname = Ann\n\temail = ann@example.com\n",
    "deploy/first.sql": """
    -- Deploy shop:first to pg
    BEGIN;
    CREATE TABLE public.customers (id int PRIMARY KEY);
    CREATE TABLE public.tags (customer int REFERENCES public.customers ON DELETE CASCADE);
    INSERT INTO public.customers VALUES (1), (2);
    INSERT INTO public.tags VALUES (1), (2);
    COMMIT;
    """,
    "revert/first.sql": "BEGIN;\nDROP TABLE public.tags;\nDROP TABLE public.customers;\nCOMMIT;\n",
    "deploy/tags.sql": "BEGIN;\nALTER TABLE public.customers ADD COLUMN tag int;\nCOMMIT;\n",
    "revert/tags.sql": "BEGIN;\nALTER TABLE public.customers DROP COLUMN tag;\nCOMMIT;\n",
    "deploy/more@v2.0.sql": "CREATE TABLE public.more (id int);\n",
    "revert/more@v2.0.sql": "DROP TABLE public.more;\n",
    "deploy/more.sql": "ALTER TABLE public.more ADD COLUMN x int;\n",
    "revert/more.sql": "ALTER TABLE public.more DROP COLUMN x;\n",
  ]
  private static let registry = """
    SELECT event, change_id, change, project, note, requires, conflicts, tags, planned_at, planner_name, planner_email
    FROM sqitch.events ORDER BY committed_at;
    SELECT change_id, script_hash, change, project, note, planned_at, planner_name, planner_email
    FROM sqitch.changes ORDER BY committed_at;
    SELECT change_id, type, dependency, dependency_id FROM sqitch.dependencies ORDER BY 1, 3;
    SELECT tag_id, tag, project, change_id, note, planned_at, planner_name, planner_email FROM sqitch.tags;
    SELECT project, uri FROM sqitch.projects;
    """

  private func shop(_ files: [String: String] = files, to change: String? = "first") throws -> PostgreSQLWorkspace {
    let shop = try PostgreSQLWorkspace(schema: "")
    for (name, text) in files { try shop.folder(of: "migrations/\(name)", text) }
    if let change { try #require(try sqitch(shop, "deploy", "--to", change).status == 0) }
    return shop
  }

  private func sqitch(_ shop: PostgreSQLWorkspace, _ arguments: String...) throws -> Program.Outcome {
    try Program.run(
      "/usr/bin/env", ["sqitch"] + arguments + ["--target", "db:\(shop.url)"],
      in: shop.folder.appending(path: "migrations"))
  }

  @Test("what belay completes has the rows that Sqitch writes, and Sqitch finds nothing to do, and takes it back")
  func completed() throws {
    let theirs = try shop(to: nil)
    try #require(try sqitch(theirs, "deploy").status == 0)
    let shop = try shop()
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(run.errors.contains("applied 3 migrations"), "\(run)")
    #expect(try shop.psql(Self.registry) == theirs.psql(Self.registry))
    #expect(try sqitch(shop, "deploy").output.contains("Nothing to deploy"))
    #expect(try sqitch(shop, "status").output.contains("Nothing to deploy (up-to-date)"))
    #expect(try sqitch(shop, "check").status == 0)
    let status = try shop.belay("status", shop.url)
    #expect(status.output.contains("Sqitch's (it contains sqitch.plan)"), "\(status)")
    #expect(status.errors.contains("4 applied, 0 pending"), "\(status)")

    // Down by belay, up by Sqitch, down by Sqitch, up by belay.
    let down = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", "--down-to", "first")
    #expect([0, 3].contains(down.status), "\(down)")
    #expect(try shop.psql("SELECT string_agg(change, ' ') FROM sqitch.changes") == "first")
    #expect(
      try shop.psql("SELECT event, change, tags, requires FROM sqitch.events ORDER BY committed_at DESC LIMIT 2")
        == "revert|tags|{@v1.0}|{first}\nrevert|more|{@v2.0}|{tags,first@v1.0}")
    let up = try sqitch(shop, "deploy")
    #expect(up.status == 0 && up.output.contains("+ more"), "\(up)")
    let back = try sqitch(shop, "revert", "-y", "--to", "first")
    #expect(back.status == 0 && back.output.contains("- tags @v1.0"), "\(back)")
    let last = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", "--to", "tags")
    #expect(last.errors.contains("applied 1 migration"), "\(last)")
    #expect(try sqitch(shop, "status").output.contains("* more"))

    // A way down in the place of what `sqitch add` leaves there, run by Sqitch.
    try shop.folder(of: "migrations/revert/tags.sql", "-- Revert shop:tags from pg\nBEGIN;\n\n-- XXX\n\nCOMMIT;\n")
    let drafted = try shop.belay("down", "new", "tags", shop.url)
    #expect(drafted.status == 0, "\(drafted)")
    let reverted = try sqitch(shop, "revert", "-y", "--to", "first")
    #expect(reverted.status == 0, "\(reverted)")
    #expect(try shop.psql("SELECT count(*) FROM information_schema.columns WHERE column_name = 'tag'") == "1")
  }

  @Test("a table of a user's that is called as one of the registry's is judged as every other")
  func judged() throws {
    var files = Self.files
    files["deploy/tags.sql"] = "BEGIN;\nDELETE FROM public.customers WHERE id = 1;\nCOMMIT;\n"
    let shop = try shop(files)
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 31 && run.errors.contains("public.tags"), "\(run)")
    #expect(try shop.psql("SELECT count(*) FROM public.tags") == "2")
    #expect(try shop.psql("SELECT count(*) FROM sqitch.changes") == "1")
  }

  @Test("Sqitch's lock is held, and waited for")
  func locked() throws {
    let shop = try shop()
    try shop.write("migrations:\n  lock_timeout: 1s\n", to: "belay.yaml")
    let other = try shop.session("SELECT pg_advisory_lock(75474063), pg_sleep(60)")
    try shop.waitForSleeper()
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(run.status == 11 && run.errors.contains("Sqitch is at work on this database"), "\(run)")
    try shop.endSleepers()
    _ = try other.wait()
  }

  @Test("what belay cannot go on with is refused, and nothing is done")
  func refused() throws {
    let shop = try shop()
    func plan(_ files: [String: String], says: String, line: Int = #line) throws {
      for (name, text) in Self.files.merging(files, uniquingKeysWith: { $1 }) {
        try shop.folder(of: "migrations/\(name)", text)
      }
      let run = try shop.belay("migrate", shop.url, "--plan")
      #expect(run.status == 22 && run.errors.contains(says), "line \(line): \(run)")
    }
    try plan(
      ["deploy/first.sql": "SELECT 1;"], says: "deploy/first.sql was changed after it was applied")
    // Every later id follows from the line.
    try plan(
      ["sqitch.plan": Self.plan.replacing("makes customers", with: "makes others")], says: "was changed since")
    try plan(["sqitch.plan": Self.plan.replacing(" Bob <bob@example.com>", with: "")], says: "line 8 of sqitch.plan")
    try plan(["sqitch.plan": Self.plan.replacing("[tags first", with: "[nothing first")], says: "requires nothing")
    try plan(["sqitch.plan": Self.plan.replacing("[tags first", with: "[!other first")], says: "beside other")
    try plan(["sqitch.plan": Self.plan.replacing("[tags first", with: "[core:x first")], says: "requires core:x")
    try plan(["sqitch.plan": Self.plan.replacing("%project=shop\n", with: "")], says: "the name of the project")
    try plan(["sqitch.conf": "[core]\n\ttop_dir = sql\n"], says: "the setting `top_dir = sql`")
    try plan(["deploy/more.sql": "\\i other.sql\n"], says: "cannot be carried out")
    for name in ["sqitch.plan", "deploy/more.sql"] { try shop.folder(of: "migrations/\(name)", Self.files[name] ?? "") }
    try FileManager.default.removeItem(at: shop.folder.appending(path: "migrations/deploy/more.sql"))
    try plan(["sqitch.conf": "", "deploy/more.sql": "SELECT 'x"], says: "is not closed")

    let fresh = try self.shop(to: nil)
    let first = try fresh.belay("migrate", fresh.url, "--plan")
    #expect(first.status == 22 && first.errors.contains("has no registry of Sqitch's"), "\(first)")
    let adopt = try fresh.belay("adopt", fresh.url, "--baseline", "first", "--yes")
    #expect(adopt.status == 22 && adopt.errors.contains("--log-only"), "\(adopt)")
    let sqlite = try AdoptedShop(.sqlite)
    try sqlite.write(Self.files)
    let chosen = try sqlite.folder.belay("migrate", sqlite.folder.url, "--plan", "--convention", "sqitch")
    #expect(chosen.status == 22 && chosen.errors.contains("does not go on with Sqitch's ledger in SQLite"), "\(chosen)")
    let new = try sqlite.folder.belay("new", "x")
    #expect(new.status == 22 && new.errors.contains("sqitch add x"), "\(new)")
  }
}
