import DriverTesting
import Foundation
import Testing

@Suite("belay backup of PostgreSQL, and what the archive is good for")
struct PostgreSQLBackupTests {
  /// What is easily lost.
  static let odd = #"""
    CREATE SCHEMA "odd ""schema"" é";
    CREATE TYPE mood AS ENUM ('sad', 'ok', 'very "ok"');
    CREATE DOMAIN positive AS int CHECK (VALUE > 0);
    CREATE TYPE pair AS (a int, b text);
    CREATE TABLE "odd ""schema"" é"."select" ("a ""b""" text PRIMARY KEY, c mood, d positive, e pair, f int[], g int4range,
      h jsonb, i bytea, j numeric, k timestamptz, l date, m double precision, n interval, o uuid, p bit(3), q inet,
      r text GENERATED ALWAYS AS (upper("a ""b""")) STORED);
    INSERT INTO "odd ""schema"" é"."select" VALUES
      ('', 'very "ok"', 7, '(1,"x,y")', '{1,NULL,3}', '[1,5)', '{"a": [1, null, "é"]}', '\x00ff5c27', 'NaN', 'infinity',
       '-infinity', 'NaN', '1 mon -3 days 04:05:06.7', '00000000-0000-0000-0000-000000000001', '101', '::1/64'),
      (E'tab\tnew\nline\\.\r\n\\N', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 12345678901234567890.000001, NULL, NULL,
       '-0', NULL, NULL, NULL, NULL),
      (E'\\.', 'sad', 1, '(,)', '{}', 'empty', 'null', '', 0.1, '2026-01-01 00:00:00.000001+00', '0001-01-01 BC',
       5e-324, '0', NULL, '000', '10.0.0.0/8');
    CREATE TABLE parted (id int, at date) PARTITION BY RANGE (at);
    CREATE TABLE parted_2025 PARTITION OF parted FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
    INSERT INTO parted VALUES (1, '2025-06-01'), (2, '1999-01-01');
    CREATE UNLOGGED TABLE unlogged (x int);
    INSERT INTO unlogged VALUES (1);
    CREATE MATERIALIZED VIEW summary AS SELECT count(*) AS n FROM orders;
    CREATE TABLE secret (owner text, value text);
    ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
    CREATE POLICY mine ON secret USING (owner = current_user);
    INSERT INTO secret VALUES ('somebody', 'else');
    SELECT lo_from_bytea(4711, '\xdeadbeef');
    COMMENT ON TABLE orders IS 'it''s commented';
    CREATE SEQUENCE lonely INCREMENT -5 MAXVALUE 1000 START 100;
    SELECT nextval('lonely'), nextval('lonely');
    """#

  @Test("with belay absent, tar, sha256sum, pg_restore and psql restore it, from the dump, the SQL text and the CSV")
  func byHand() throws {
    let shop = try PostgreSQLWorkspace(schema: PostgreSQLWorkspace.shop + Self.odd)
    let before = try shop.dump()
    let run = try shop.belay("backup", shop.url, "--name", "first")
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("verified at level restore"), "\(run)")
    #expect(try shop.dump() == before)
    let id = try shop.latest()
    let names = ["native", "text"].map { "\(shop.database)_\($0)" }
    for name in names { try shop.server.makeDatabase(name) }
    defer { for name in names { try? shop.server.dropDatabase(name) } }
    let script = """
      set -e
      mkdir out && cd out
      tar xf ../backups/\(id).tar
      sha256sum --quiet -c SHA256SUMS
      PATH=\(shop.server.programs):$PATH
      pg_restore --list full_backup.dump >list.txt
      pg_restore --exit-on-error -d '\(shop.server.url(names[0]))' full_backup.dump
      zstd -q -dc full_backup.sql.zst | psql -X -q -v ON_ERROR_STOP=1 -d '\(shop.server.url(names[1]))' >/dev/null
      zstd -q -d csv/public.orders.csv.zst csv/*select*.csv.zst
      mv csv/*select*.csv select.csv
      """
    let hand = try Program.run("/bin/sh", ["-c", script], in: shop.folder)
    #expect(hand.status == 0, "\(hand)")
    #expect(try shop.server.dump(names[0]) == before)
    #expect(try shop.server.dump(names[1]) == before)
    let out = shop.folder.appending(path: "out").path
    let readme = try String(contentsOfFile: out + "/README.txt", encoding: .utf8)
    for tool in ["tar", "sha256sum", "zstd", "pg_restore", "psql", "ON_ERROR_STOP"] { #expect(readme.contains(tool)) }
    try expectWays(of: readme, in: out, before: try shop.server.dump(shop.database, arguments: ["--no-owner"]), shop)
    let header = try String(contentsOfFile: out + "/select.csv", encoding: .utf8).split(separator: "\n").first ?? ""
    // The header quotes as CSV does, which for these names is as SQL does; a generated column is not in it.
    let columns = header.split(separator: ",").map { $0.hasPrefix("\"") ? String($0) : "\"\($0)\"" }.joined(
      separator: ",")
    // The same rows by \copy … csv header, bit for bit.
    let table = #""odd ""schema"" é"."select""#
    try shop.server.psql(
      """
      CREATE TEMP TABLE again (LIKE \(table) INCLUDING GENERATED);
      \\copy again(\(columns)) from '\(out)/select.csv' csv header
      DO $$BEGIN
        IF (SELECT count(*) FROM (SELECT a::text FROM again a EXCEPT ALL SELECT t::text FROM \(table) t) d) <> 0
          OR (SELECT count(*) FROM again) <> 3 THEN RAISE 'rows differ'; END IF;
      END$$;
      """, database: shop.database)
  }

  @Test("as a role that may not create a database, it is verified by reading, and says so everywhere")
  func withoutScratch() throws {
    let shop = try PostgreSQLWorkspace()
    let role = PostgreSQLServer.freshName("plain")
    try shop.server.psql("CREATE ROLE \(role) LOGIN; GRANT pg_read_all_data TO \(role)")
    defer { _ = try? shop.server.psql("DROP ROLE \(role)") }
    let url = shop.server.url(shop.database, user: role)
    let run = try shop.belay("backup", url, "-v")
    #expect(run.output.contains("verified at level read") && run.errors.contains("level read"), "\(run)")
    #expect(!run.description.contains("level restore"), "\(run)")
    let report = try String(
      contentsOf: shop.store.appending(path: "runs/\(try shop.latest())/report.md"), encoding: .utf8)
    #expect(report.contains("level read: every member decoded; not restored"), "\(report)")
    let verify = try shop.belay("verify", "latest", "--level", "restore", "--target", url)
    #expect(verify.status == 3 && verify.output.contains("good, level read"), "\(verify)")
  }

  /// README.txt has two ways, each complete by itself.
  private func expectWays(of readme: String, in folder: String, before: String, _ shop: PostgreSQLWorkspace) throws {
    let ways = readme.split(separator: #/\n(?:Either|Or):\n/#).dropFirst()
      .map { $0.split(separator: "\n").prefix { $0.hasPrefix("    ") }.joined(separator: "\n") }
    #expect(ways.count == 2, "\(readme)")
    for way in ways {
      let environment = [
        "PGHOST": shop.server.folder, "PGUSER": "postgres",
        "PATH": "\(shop.server.programs):\(ProcessInfo.processInfo.environment["PATH"] ?? "")",
      ]
      let run = try Program.run(
        "/bin/sh", ["-ec", way], in: URL(filePath: folder), environment: environment)
      defer { try? shop.server.dropDatabase("restored") }
      #expect(run.status == 0 && run.errors.isEmpty, "\(way): \(run)")
      #expect(try shop.server.dump("restored", arguments: ["--no-owner"]) == before, "\(way)")
    }
  }

  @Test("restore into a new database proves it equal, and never writes into one that holds something")
  func restore() throws {
    let shop = try PostgreSQLWorkspace(schema: PostgreSQLWorkspace.shop + Self.odd)
    try #require(try shop.belay("backup", shop.url).status == 0)
    let copy = shop.database + "_copy"
    defer { try? shop.server.dropDatabase(copy) }
    let run = try shop.belay("restore", "latest", "--into", shop.server.url(copy))
    #expect(run.status == 0, "\(run)")
    #expect(try shop.server.dump(copy) == (try shop.dump()))
    let again = try shop.belay("restore", "latest", "--into", shop.server.url(copy))
    #expect(again.status == 22, "\(again)")
    #expect(try shop.server.dump(copy) == (try shop.dump()))
  }

  @Test("one table, and chosen rows of it, come back alone")
  func table() throws {
    let shop = try PostgreSQLWorkspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let expected = try shop.psql("SELECT * FROM orders ORDER BY id")
    try shop.psql("DELETE FROM orders")
    let run = try shop.belay("restore", "latest", "--into", shop.url, "--table", "public.orders")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.psql("SELECT * FROM orders ORDER BY id") == expected)
    let rows = try shop.belay("extract", "latest", "--table", "orders", "--where", "id = 1", "--as", "csv")
    #expect(rows.output == "id,customer,cents\n1,2,100\n", "\(rows)")
  }

  @Test("while pgbench writes, a backup is one instant, and its formats hold the same rows")
  func pgbench() throws {
    let shop = try PostgreSQLWorkspace(schema: "")
    try shop.server.run("pgbench", ["-i", "-q", "-s", "2", shop.url])
    let bench = try Program.start(
      shop.server.programs + "/pgbench", ["-n", "-c", "2", "-T", "600", shop.url], in: shop.folder)
    defer { bench.process.end() }
    try eventually("the first writes") { try shop.psql("SELECT count(*) > 100 FROM pgbench_history") == "t" }
    let run = try shop.belay("backup", shop.url, "--verify", "restore")
    #expect(run.status == 0, "\(run)")
    #expect(bench.process.isRunning, "pgbench has ended before the backup")
    bench.process.end()
    let id = try shop.latest()
    let names = ["native", "text"].map { "\(shop.database)_\($0)" }
    for name in names { try shop.server.makeDatabase(name) }
    defer { for name in names { try? shop.server.dropDatabase(name) } }
    let script = """
      set -e
      mkdir out && cd out && tar xf ../backups/\(id).tar
      PATH=\(shop.server.programs):$PATH
      pg_restore --exit-on-error -d '\(shop.server.url(names[0]))' full_backup.dump
      zstd -q -dc full_backup.sql.zst | psql -X -q -v ON_ERROR_STOP=1 -d '\(shop.server.url(names[1]))' >/dev/null
      zstd -q -dc csv/public.pgbench_history.csv.zst | tail -n +2 | wc -l
      """
    let hand = try Program.run("/bin/sh", ["-c", script], in: shop.folder)
    #expect(hand.status == 0, "\(hand)")
    // Each transaction of pgbench adds one delta to an account, a teller, a branch and the history.
    let sums = """
      SELECT (SELECT sum(abalance) FROM pgbench_accounts), (SELECT sum(tbalance) FROM pgbench_tellers),
        (SELECT sum(bbalance) FROM pgbench_branches), (SELECT sum(delta) FROM pgbench_history)
      """
    for name in names {
      let found = try shop.server.psql(sums, database: name).split(separator: "|")
      #expect(Set(found).count == 1, "\(found) in \(name)")
    }
    #expect(try shop.server.dump(names[0]) == (try shop.server.dump(names[1])))
    let history = try shop.server.psql("SELECT count(*) FROM pgbench_history", database: names[0])
    #expect(hand.output.trimmingCharacters(in: .whitespacesAndNewlines) == history)
  }
}
