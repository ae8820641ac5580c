import BelayDrivers
import DriverTesting
import Testing

/// Where statements begin and end, and what is told of them.
@Suite struct ScriptSplitTests {
  private func split(_ script: String, _ schema: String = "") throws -> [Statement] {
    let sample = try Sample(schema)
    defer { withExtendedLifetime(sample) {} }
    let connection = try sample.connect()
    defer { connection.close() }
    return try connection.split(script, operation: Operation())
  }

  /// A statement, and the columns that get the value of an expression; nil: it cannot be told.
  static let computing: [(String, [String]?)] = [
    ("INSERT INTO people SELECT * FROM people", []), ("INSERT INTO people SELECT * FROM users", []),
    ("INSERT INTO people(name, id) SELECT u.name, u.id FROM ONLY users u", []),
    ("INSERT INTO people SELECT id, lower(name), 'n' FROM users", ["name", "nick"]),
    ("INSERT INTO people SELECT *, NULL FROM users", ["nick"]),
    ("INSERT INTO people(nick, id, name) SELECT name::varchar, * FROM users", ["nick"]),
    ("INSERT INTO people(id, name) SELECT id, name FROM users UNION ALL SELECT -id, name FROM users", ["id"]),
    ("INSERT INTO people(id, name) SELECT id, name FROM users UNION SELECT 9, 'new'", []),
    ("INSERT INTO people VALUES (1, lower('A'), 'n')", []), ("INSERT INTO people DEFAULT VALUES", []),
    ("INSERT INTO people(id) SELECT id FROM users ON CONFLICT (id) DO UPDATE SET nick = 'again'", ["nick"]),
    ("UPDATE people SET name = 'x', (id, nick) = (1, 'n')", ["name", "id", "nick"]),
    ("UPDATE people p SET nick = u.name FROM users u WHERE u.id = p.id", ["nick"]),
    ("DELETE FROM people", []), ("CREATE TABLE t (a int)", []),
    ("CREATE TABLE t AS SELECT id, lower(name) AS name FROM users", ["name"]),
    ("CREATE TABLE t AS SELECT * FROM users", []),
    ("INSERT INTO people(id, name) SELECT u.id, p.nick FROM users u JOIN people p USING (id)", nil),
    ("INSERT INTO people(id, name) SELECT id, name FROM (SELECT id, lower(name) AS name FROM users) x", nil),
    ("WITH a AS (SELECT id FROM users) INSERT INTO people(id) SELECT id FROM a", nil),
    ("WITH a AS (DELETE FROM users RETURNING *) INSERT INTO people(id) SELECT id FROM a", nil),
    ("MERGE INTO people p USING users u ON p.id = u.id WHEN MATCHED THEN UPDATE SET nick = u.name", nil),
    ("DO $$ BEGIN UPDATE people SET nick = 'x'; END $$", nil),
  ]

  @Test("the columns that get the value of an expression are told", arguments: computing)
  func computed(_ sql: String, _ expected: [String]?) throws {
    let schema = """
      CREATE TABLE users (id int PRIMARY KEY, name text);
      CREATE TABLE people (id int PRIMARY KEY, name text, nick text);
      """
    let statement = try #require(try split(sql, schema).first)
    #expect(statement.computed?.map(\.name) == expected, "\(statement.note ?? "")")
    #expect(statement.writes.allSatisfy { $0.kind != "column" || !$0.actions.isSubset(of: [.insert, .update]) })
  }

  /// Statements that hold what ends or hides others.
  static let tricky = [
    "SELECT 1", "SELECT ';'", "SELECT 'it''s; ' || \"a;b\" FROM (SELECT 1 AS \"a;b\") x",
    "SELECT E'\\';' AS x", "SELECT E'a'\n  '\\';b'", "SELECT E'a' -- ;'\n  '\\';'",
    "SELECT U&'d\\0061t;a', U&\"d;\" FROM t",
    "SELECT B'01', X'ff', N'a;b'", "SELECT 'back\\'", "SELECT $$ ; ' \" -- /* $$", "SELECT $a$ ; $$ ; $b$ $a$",
    "SELECT $ä$;$ä$", "SELECT a$b$c FROM (SELECT 1 AS a$b$c) x", "SELECT 1 /* ; /* ; */ ' */ + 2",
    "SELECT 1 -- ; '\n+ 1",
    "SELECT 1 --\r\n+ 2", "SELECT 3 -1 - - 2", "SELECT 'a'/*;*/||'b'", "SELECT (1)::text, '{1;2}'::text[]",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
    "CREATE OR REPLACE PROCEDURE p(a int) BEGIN ATOMIC INSERT INTO t VALUES (CASE a WHEN 1 THEN 2 ELSE 3 END); END",
    "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN PERFORM 1; RETURN NEW; END; $body$",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM t; SELECT 1)",
    "DO $$ BEGIN RAISE NOTICE '\\copy;'; END $$", "SELECT '\\i x' AS \"\\copy\"", "SELECT '''; DROP TABLE t; --'",
    "CREATE TABLE \"Ünï;code\" (\"a\"\"b\" int)", "SELECT 'ü' || 'ß;'", "SELECT e'\\\\', 'x'", "begin", "End",
    "SELECT case when 1=1 then 'end' end", "SELECT @-5, !!1", "SELECT 1e5, 1.5, .5, 0x1", "SELECT $1, $2",
    "SELECT 'a' 'b'", "syntax error at; all".replacing(";", with: ""), "SELECT '--', '/*'", "VALUES (1), (2)",
  ]

  /// A generator that gives the same numbers each time.
  private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  @Test func `statements that are put together come apart again`() throws {
    let sample = try Sample()
    defer { withExtendedLifetime(sample) {} }
    let connection = try sample.connect()
    defer { connection.close() }
    var dice = Dice(state: 20_261_121)
    let before = ["", " ", "\n", "\r\n\t", "-- a comment; '\n", "/* ; */", "/* /* \" */ */ ", ";", ";;\n", "\u{000B}"]
    let behind = ["", " ", "\n", " -- behind\n", "/* ' */"]
    for round in 0..<60 {
      var script = round % 3 == 0 ? "\u{FEFF}" : ""
      var expected: [(text: String, offset: Int, line: Int)] = []
      for _ in 0..<Int.random(in: 1...30, using: &dice) {
        script += before.randomElement(using: &dice) ?? ""
        let text = Self.tricky.randomElement(using: &dice) ?? ""
        expected.append((text, script.utf8.count, 1 + script.utf8.count { $0 == 10 }))
        script += text + (behind.randomElement(using: &dice) ?? "") + ";"
      }
      if round % 2 == 0 { script += before.randomElement(using: &dice) ?? "" } else { script.removeLast() }
      let statements = try connection.split(script, operation: Operation())
      #expect(statements.map(\.sql) == expected.map(\.text), "round \(round)")
      #expect(statements.map(\.offset) == expected.map(\.offset), "round \(round)")
      #expect(statements.map(\.line) == expected.map(\.line), "round \(round)")
      #expect(statements.allSatisfy { !$0.flags.contains(.client) })
    }
  }

  @Test(arguments: ["", " \n\t", ";;;", "-- only\n", "/* a /* nested */ comment; */", "\u{FEFF}", "\u{FEFF}-- a\r\n;"])
  func `a script of nothing has no statements`(_ script: String) throws {
    #expect(try split(script).isEmpty)
  }

  @Test func `commands of psql are named with their lines`() throws {
    let script = """
      \\set ON_ERROR_STOP on
      SELECT '\\not this', $$\\nor this
      \\i neither$$ AS "\\this"; -- \\comment
      /* \\i
      \\copy */
      \\copy t from 'it''s.csv' with csv
      SELECT 'SELECT 1' \\gexec
        \\i other.sql  \r
      SELECT 1 \\g
      ;SELECT 2;
      """
    let statements = try split(script)
    let commands = statements.filter { $0.flags.contains(.client) }
    #expect(
      commands.map(\.sql) == [
        "\\set ON_ERROR_STOP on", "\\copy t from 'it''s.csv' with csv", "\\gexec", "\\i other.sql", "\\g",
      ])
    #expect(commands.map(\.line) == [1, 6, 7, 8, 9])
    #expect(commands.allSatisfy { $0.note == "a command of psql, not SQL" })
    #expect(
      statements.filter { !$0.flags.contains(.client) }.map(\.sql).suffix(3) == [
        "SELECT 'SELECT 1'", "SELECT 1", "SELECT 2",
      ])
  }

  @Test func `the rows behind COPY FROM stdin are no statements`() throws {
    let script = """
      COPY public.t (a, b) FROM stdin;
      1\tit's; -- \\N "
      2\t$$
      \\.

      SELECT 1;
      copy t from stdin with (format csv) ;
      "a;b",1
      \\.
      COPY (SELECT 1 FROM stdin) TO STDOUT;
      COPY t FROM '/tmp/stdin';
      """
    let statements = try split(script, "CREATE TABLE t(a int, b text)")
    #expect(statements.map(\.line) == [1, 6, 7, 10, 11])
    #expect(statements.map { $0.flags.contains(.client) } == [true, false, true, false, false])
    #expect(statements[0].sql.hasSuffix("\\."))
    #expect(statements[0].writes == [ScriptWrite(kind: "table", schema: "public", name: "t", actions: .insert)])
    #expect(statements[0].note?.contains("INSERT") == true)
    // Without its end it goes on to the script's.
    #expect(try split("COPY t FROM stdin;\n1\n2\n", "CREATE TABLE t(a int)").map(\.sql) == ["COPY t FROM stdin;\n1\n2"])
  }

  /// Statements that are not read, and whether no PostgreSQL of this server's version could run them.
  static let syntax: [(String, Bool)] = [
    ("SELEC 1", true), ("SELECT (1", true), ("CREATE TABLE x (a int", true), ("SELECT 'a", true), ("SELECT \"a", true),
    ("SELECT $x$ $y$", true), ("SELECT 1 /* /* */", true), ("UPDATE nowhere SET a = 1", false),
    ("DO $$ BEGIN END $$", false), ("SET standard_conforming_strings = off; SELECT 'it\\'s'", false),
  ]

  @Test(arguments: syntax)
  func `the server's parser says whether the syntax is wrong`(_ sql: String, _ isWrong: Bool) throws {
    let statements = try split(sql)
    #expect(statements.contains { $0.flags.contains(.wrongSyntax) } == isWrong, "\(statements.map(\.note))")
    #expect(statements.contains { $0.flags.contains(.unread) })
  }

  @Test func `what only a newer server knows is wrong on an older one alone`() throws {
    let sample = try Sample("CREATE TABLE t(a int); CREATE TABLE u(a int)")
    defer { withExtendedLifetime(sample) {} }
    let connection = try sample.connect()
    defer { connection.close() }
    let merge = "MERGE INTO t USING u ON true WHEN NOT MATCHED BY SOURCE THEN DELETE"
    let statement = try #require(try connection.split(merge, operation: Operation()).first)
    let isOlder = (Int(connection.traits.serverVersion.prefix { $0.isNumber }) ?? 0) < 17
    #expect(statement.flags.contains(.wrongSyntax) == isOlder, "\(statement.note ?? "")")
  }

  @Test func `what is not closed is shown, with its line if that is another one than the statement's`() throws {
    let statement = try #require(try split("SELECT 1,\n  2,\n  $body$ never\nends").first)
    #expect(statement.note == "what begins with `$body$ never` in line 3 of the statement is not closed")
  }

  static let unreadable: [(String, String)] = [
    ("SELECT 'a", "is not closed"), ("SELECT \"a", "is not closed"), ("SELECT 1 /* /* */", "is not closed"),
    ("SELECT $x$ $y$", "is not closed"), ("SELEC 1", "syntax error at or near \"SELEC\""),
    ("SELECT (1", "syntax error"), ("MERGE INTO t USING u ON true WHEN NOT MATCHED BY SOURCE THEN DELETE", "rror"),
    ("DO $$ BEGIN END $$", "DO block"), ("CALL p()", "procedure"), ("EXECUTE nobody", "prepare"),
    ("SELECT f()", "f() is volatile"), ("INSERT INTO t SELECT s.g(1)", "g() is volatile"),
    ("UPDATE nowhere SET a = 1", "no nowhere"), ("DROP FUNCTION h()", "no function h"),
    ("INSERT INTO ruled VALUES (1)", "rules"), ("DROP OWNED BY CURRENT_USER", "without naming it"),
    ("CREATE TABLE t(a int)", "already exists"), ("SET standard_conforming_strings = off", "strings"),
  ]

  @Test(arguments: unreadable)
  func `what cannot be read ahead is flagged, and says why`(_ sql: String, _ reason: String) throws {
    let schema = """
      CREATE TABLE t(a int); CREATE TABLE u(a int); CREATE TABLE ruled(a int); CREATE SCHEMA s;
      CREATE RULE r AS ON INSERT TO ruled DO INSTEAD INSERT INTO t VALUES (1);
      CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE FUNCTION s.g(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
      """
    let statement = try #require(try split(sql, schema).first)
    #expect(statement.flags.contains(.unread))
    #expect(statement.note?.contains(reason) == true, "\(statement.note ?? "no note")")
  }

  @Test(arguments: [
    "SELECT quiet()", "SELECT now(), random(), nextval('x')", "SELECT steady(1)",
    "INSERT INTO t VALUES (gen_random_uuid()::text::int)",
    "PREPARE q AS DELETE FROM t; EXECUTE q", "CREATE VIEW v AS SELECT f() AS x", "EXPLAIN SELECT f()",
    "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION trg()", "SELECT a FROM nowhere",
  ])
  func `what writes nothing unnamed is not flagged`(_ sql: String) throws {
    let schema = """
      CREATE TABLE t(a int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE FUNCTION quiet() RETURNS int STABLE LANGUAGE sql AS 'SELECT 1';
      CREATE FUNCTION steady(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
      CREATE FUNCTION trg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      """
    for statement in try split(sql, schema) { #expect(statement.flags.isEmpty, "\(statement.note ?? "")") }
  }

  static let flagged: [(String, StatementFlags)] = [
    ("BEGIN", .opensTransaction), ("START TRANSACTION READ ONLY", .opensTransaction),
    ("SAVEPOINT a", .opensTransaction),
    ("COMMIT", .endsTransaction), ("END", .endsTransaction), ("ROLLBACK", .endsTransaction),
    ("ABORT", .endsTransaction),
    ("ROLLBACK TO a", .endsTransaction), ("RELEASE a", .endsTransaction), ("PREPARE TRANSACTION 'x'", .endsTransaction),
    ("COMMIT PREPARED 'x'", .endsTransaction),
    ("CREATE INDEX CONCURRENTLY i ON t(a)", .refusesTransaction), ("CREATE INDEX i ON t(a)", []),
    ("DROP INDEX CONCURRENTLY t_a", .refusesTransaction), ("DROP INDEX t_a", []),
    ("REINDEX TABLE t", []), ("REINDEX TABLE CONCURRENTLY t", .refusesTransaction),
    ("REINDEX (CONCURRENTLY) INDEX t_a", .refusesTransaction), ("REINDEX SCHEMA public", .refusesTransaction),
    ("REINDEX DATABASE x", .refusesTransaction), ("REINDEX SYSTEM x", .refusesTransaction),
    ("REINDEX TABLE parted", .refusesTransaction), ("VACUUM", .refusesTransaction),
    ("VACUUM FULL t", .refusesTransaction),
    ("ANALYZE", []), ("CLUSTER", .refusesTransaction), ("CLUSTER t USING t_a", []),
    ("CREATE DATABASE x", .refusesTransaction), ("DROP DATABASE x", .refusesTransaction),
    ("CREATE TABLESPACE x LOCATION '/x'", .refusesTransaction), ("DROP TABLESPACE x", .refusesTransaction),
    ("ALTER SYSTEM SET work_mem = '1MB'", .refusesTransaction),
    ("ALTER DATABASE x SET TABLESPACE y", .refusesTransaction), ("ALTER DATABASE x SET work_mem = '1MB'", []),
    ("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p", .refusesTransaction),
    ("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = false)", []),
    ("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (create_slot = false)", []),
    ("ALTER SUBSCRIPTION s REFRESH PUBLICATION", .refusesTransaction),
    ("ALTER SUBSCRIPTION s SET PUBLICATION p", .refusesTransaction),
    ("ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)", []), ("ALTER SUBSCRIPTION s DISABLE", []),
    ("DROP SUBSCRIPTION s", .refusesTransaction), ("DISCARD ALL", .refusesTransaction), ("DISCARD PLANS", []),
    ("ALTER TABLE parted DETACH PARTITION part CONCURRENTLY", .refusesTransaction),
    ("ALTER TABLE parted DETACH PARTITION part", []), ("ALTER TYPE mood ADD VALUE 'x'", []),
    ("REFRESH MATERIALIZED VIEW CONCURRENTLY mat", []),
    ("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE", .onlyBeforeTransaction),
    ("SET default_transaction_isolation = 'serializable'", .onlyBeforeTransaction), ("SET work_mem = '1MB'", []),
    ("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", []), ("LOCK TABLE t", []), ("NOTIFY x", []),
    ("EXPLAIN ANALYZE SELECT 1", []), ("COPY t TO STDOUT", []), ("COMMENT ON TABLE t IS 'x'", []),
  ]

  @Test(arguments: flagged)
  func `what the host must know of a statement is flagged`(_ sql: String, _ expected: StatementFlags) throws {
    let schema = """
      CREATE TABLE t(a int); CREATE INDEX t_a ON t(a); CREATE TYPE mood AS ENUM ('a');
      CREATE TABLE parted(a int) PARTITION BY RANGE (a); CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (9);
      CREATE MATERIALIZED VIEW mat AS SELECT 1 AS a;
      """
    let statement = try #require(try split(sql, schema).first)
    #expect(statement.flags == expected, "\(statement.note ?? "")")
  }

  @Test func `reading a script changes nothing`() throws {
    let sample = try Sample("CREATE TABLE t(a int); INSERT INTO t VALUES (1)")
    let before = try sample.server.dump(sample.name)
    let connection = try sample.connect()
    defer { connection.close() }
    try connection.run("BEGIN")
    _ = try connection.split(
      "DROP TABLE t; CREATE TABLE u(a int); SET search_path TO nowhere; COMMIT; DELETE FROM t", operation: Operation())
    #expect(try connection.first("SELECT count(*) FROM t") == .integer(1))
    try connection.run("ROLLBACK")
    #expect(try sample.server.dump(sample.name) == before)
  }

  @Test func `a long INSERT is read by its head`() throws {
    let values = (0..<60_000).map { "(\($0), 'some text that makes the statement long ; \($0)')" }.joined(
      separator: ",\n")
    let statements = try split(
      "INSERT INTO t VALUES \(values);\nDELETE FROM t", "CREATE TABLE t(a int, b text)")
    #expect(
      statements.map(\.writes) == [
        [ScriptWrite(kind: "table", schema: "public", name: "t", actions: .insert)],
        [ScriptWrite(kind: "table", schema: "public", name: "t", actions: .delete)],
      ])
    #expect(statements.map(\.line) == [1, 60_001])
    #expect(statements[0].flags == .unread)
  }

  @Test func `a script three times as long takes about three times as long to be read`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    defer { connection.close() }
    func script(_ tables: Int) -> String {
      (0..<tables).map { number in
        "CREATE TABLE t\(number)(id serial PRIMARY KEY, a int);\nINSERT INTO t\(number)(a) VALUES (1);\n"
          + "ALTER TABLE t\(number) RENAME a TO b;\n"
      }.joined()
    }
    let short = try threadTime { _ = try connection.split(script(1000), operation: Operation()) }
    var statements: [Statement] = []
    let long = try threadTime { statements = try connection.split(script(3000), operation: Operation()) }
    #expect(statements.count == 9000)
    #expect(statements.allSatisfy { $0.flags.isEmpty && !$0.writes.isEmpty })
    #expect(long < short * 5)
  }

  @Test func `an expression of any depth is read, or flagged`() throws {
    for depth in [100, 2_000, 20_000] {
      let sum = Array(repeating: "1", count: depth).joined(separator: " + ")
      let statements = try split("SELECT \(sum); SELECT 1")
      #expect(statements.count == 2)
      #expect(statements[0].flags == (depth < 500 ? [] : .unread), "\(depth): \(statements[0].note ?? "")")
      #expect(statements[1].flags.isEmpty)
    }
  }
}
