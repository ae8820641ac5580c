import BelayDrivers
import CBelayDriver
import DriverTesting
import Foundation
import Testing

@Suite struct ValueTests {
  /// The server's expression, and the host's value.
  static let exact: [(String, Value)] = [
    ("9223372036854775807::int8", .integer(.max)), ("(-9223372036854775808)::int8", .integer(.min)),
    ("(-32768)::int2", .integer(-32768)), ("2147483647::int4", .integer(2_147_483_647)), ("0", .integer(0)),
    ("4294967295::oid", .integer(4_294_967_295)), ("9007199254740993::int8", .integer(9_007_199_254_740_993)),
    ("true", .bool(true)), ("false", .bool(false)),
    ("0.1::float8", .real(0.1)), ("0.1::float4", .real(0.1)), ("'-0'::float8", .real(-0.0)),
    ("'Infinity'::float8", .real(.infinity)), ("'-Infinity'::float4", .real(-.infinity)),
    ("5e-324::float8", .real(.leastNonzeroMagnitude)),
    ("1.7976931348623157e308::float8", .real(1.7976931348623157e308)),
    ("1e23::float8", .real(1e23)), ("123456789.12345678::float8", .real(123_456_789.12345678)),
    ("9007199254740993.0::float8", .real(9_007_199_254_740_992)),
    ("9007199254740992::float8", .real(9_007_199_254_740_992)), ("0.30000000000000004::float8", .real(0.1 + 0.2)),
    ("3.4028235e38::float4", .real(3.4028235e38)), ("1e-7::float8", .real(1e-7)),
    ("NULL::text", .null), ("''::text", .text("")), ("NULL::int", .null), ("NULL::bytea", .null),
    (#"E'a\\b\tc\nd\re\b\f\x0b\\N\\.'"#, .text("a\\b\tc\nd\re\u{8}\u{c}\u{b}\\N\\.")), (#"E'\\N'"#, .text("\\N")),
    (#"E'\\.'"#, .text("\\.")), (#"E'\\'"#, .text("\\")), ("'\t'", .text("\t")),
    ("'it''s \"so\"'", .text("it's \"so\"")),
    ("'☃🧗'", .text("☃🧗")), ("'x'::varchar(3)", .text("x")), ("'x'::char(3)", .text("x  ")), ("'n'::name", .text("n")),
    ("'{\"a\": 1, \"a\":2}'::json", .text("{\"a\": 1, \"a\":2}")), ("'<a/>'::xml", .text("<a/>")),
    ("''::bytea", .blob([])), (#"'\x00ff5c0a'::bytea"#, .blob([0, 255, 0x5c, 0x0a])),
    ("'{\"b\":1,\"a\":[1,2]}'::jsonb", .native("{\"a\": [1, 2], \"b\": 1}")),
    ("'NaN'::numeric", .native("NaN")),
    (
      "'123456789012345678901234567890.10'::numeric",
      .native("123456789012345678901234567890.10")
    ),
    ("'infinity'::date", .native("infinity")), ("'-infinity'::timestamptz", .native("-infinity")),
    ("'2024-02-29'::date", .native("2024-02-29")), ("'0044-03-15 BC'::date", .native("0044-03-15 BC")),
    ("'2024-01-02 03:04:05.678901+02'::timestamptz", .native("2024-01-02 01:04:05.678901+00")),
    ("'2024-01-02 03:04:05'::timestamp", .native("2024-01-02 03:04:05")), ("'23:59:60'::time", .native("24:00:00")),
    ("'1 year 2 mons -3 days 04:05:06.7'::interval", .native("1 year 2 mons -3 days +04:05:06.7")),
    ("ARRAY[[1,NULL],[2,3]]", .native("{{1,NULL},{2,3}}")),
    (#"ARRAY['a,b','"',E'\\','',NULL,'NULL']"#, .native(#"{"a,b","\"","\\","",NULL,"NULL"}"#)),
    ("'[1,5)'::int4range", .native("[1,5)")), ("'{[1,2],[4,6)}'::int4multirange", .native("{[1,3),[4,6)}")),
    ("'(1,2),(0,0)'::box", .native("(1,2),(0,0)")),
    ("B'101'", .native("101")), ("'192.168.0.1/24'::inet", .native("192.168.0.1/24")),
    ("'-1234.5'::money", .native("-$1,234.50")),
    ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", .native("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
  ]

  /// One database for all of them.
  private static let together = Result { try Sample() }

  @Test(arguments: exact)
  func `a value comes back as it is stored, and goes in as it came`(_ sql: String, _ expected: Value) throws {
    let connection = try Self.together.get().connect()
    let name = PostgreSQLServer.freshName("Value")
    let table = "\"\(name)\""
    let named = CatalogTable(name, schema: "public", columns: ["v"])
    try connection.run("CREATE TABLE \(table) AS SELECT \(sql) AS v")
    let by = [
      "by COPY": try connection.rows(of: named).first?.first,
      "by query": try connection.first("SELECT v FROM \(table)"),
    ]
    for (way, value) in by { #expect(value?.same(expected) == true, "\(way): \(value.debugDescription)") }
    try connection.load([[expected]], into: named, operation: Operation())
    let insert = named.insertStatement(connection.traits)
    #expect(try connection.execute(insert, rows: [[expected]], operation: Operation()) == 1)
    let rows = try connection.rows(of: named)
    #expect(rows.count == 3)
    for row in rows { #expect(row[0].same(expected), "\(row)") }
    let different = "SELECT count(DISTINCT coalesce(v::text, 'no value')) FROM \(table)"
    if !sql.contains("char(3)") { #expect(try connection.first(different) == .integer(1)) }
  }

  @Test func `types of one's own come back as the server writes them`() throws {
    let sample = try Sample(
      """
      CREATE TYPE mood AS ENUM ('so so', 'good'); CREATE DOMAIN small AS int CHECK (VALUE < 10);
      CREATE DOMAIN word AS text; CREATE TYPE pair AS (a int, b text);
      CREATE TABLE t(m mood, s small, w word, p pair, ps pair[], i int GENERATED ALWAYS AS IDENTITY,
        g int GENERATED ALWAYS AS (s * 2) STORED);
      """)
    let connection = try sample.connect()
    let row: [Value] = [
      .native("so so"), .integer(7), .text("w\t"), .native("(1,\"x \"\"y\"\"\")"), .native(#"{"(1,\"a b\")","(,)"}"#),
      .integer(40),
    ]
    let table = CatalogTable("t", schema: "public", columns: ["m", "s", "w", "p", "ps", "i"])
    try connection.load([row], into: table, operation: Operation())
    #expect(try connection.rows(of: table) == [row])
    #expect(try connection.rows(#"SELECT "m", "s", "w", "p", "ps", "i" FROM "public"."t""#) == [row])
    #expect(try connection.first("SELECT g FROM t") == .integer(14))
    let error = try failure {
      try connection.load([[.integer(11)]], into: CatalogTable("t", columns: ["s"]), operation: Operation())
    }
    #expect(error.code == .constraint)
  }

  @Test func `all bytes and a text of 50 MB come back whole`() throws {
    let sample = try Sample("CREATE TABLE t(k int, b bytea, x text)")
    let connection = try sample.connect()
    let bytes = (0..<1024).map { UInt8(truncatingIfNeeded: $0) }
    let text = String(repeating: "0123456789\\\t\n'☃…", count: 50_000_000 / 20)
    let row: [Value] = [.integer(1), .blob(bytes), .text(text)]
    let table = CatalogTable("t", columns: ["k", "b", "x"])
    try connection.load([row], into: table, operation: Operation())
    try connection.execute(table.insertStatement(connection.traits), rows: [row], operation: Operation())
    #expect(try connection.rows(of: table) == [row, row])
    #expect(try connection.rows("SELECT k, b, x FROM t WHERE k = $1", [.integer(1)]) == [row, row])
  }

  @Test func `reals of all sizes are the nearest to their text`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    let sources = [
      "SELECT (random() - 0.5) * 10 ^ (i % 40 - 20) AS v FROM generate_series(1, 40000) i",
      "SELECT (random() * 1e15)::int8 / 10.0::float8 ^ (i % 19) AS v FROM generate_series(1, 20000) i",
      "SELECT (2 ^ (i % 62) + (i % 3 - 1) * 0.5)::float8 AS v FROM generate_series(1, 1000) i",
      "SELECT ((random() - 0.5) * 10 ^ (i % 20 - 10))::float4 AS v FROM generate_series(1, 20000) i",
    ]
    for source in sources {
      let rows = try connection.rows("SELECT v, v::text FROM (\(source)) s")
      let wrong = rows.filter { row in
        guard case .real(let value) = row[0], let text = row[1].text else { return true }
        return Double(text)?.bitPattern != value.bitPattern
      }
      #expect(wrong.isEmpty, "\(wrong.prefix(3)) of \(rows.count) in \(source)")
    }
  }

  @Test func `text with a NUL byte is refused, not cut`() throws {
    let sample = try Sample("CREATE TABLE t(x text)")
    let connection = try sample.connect()
    let table = CatalogTable("t", columns: ["x"])
    let rows: [[Value]] = [[.text("a")], [.text("a\0b")]]
    for isLoaded in [true, false] {
      let error = try failure {
        if isLoaded {
          try connection.load(rows, into: table, operation: Operation())
        } else {
          try connection.execute(table.insertStatement(connection.traits), rows: rows, operation: Operation())
        }
      }
      #expect(error.sqlState == "22021")
      #expect(error.outcome == .notApplied)
    }
    #expect(try failure { _ = try connection.rows("SELECT $1::text", [.text("a\0b")]) }.sqlState == "22021")
    #expect(try failure { try connection.run("SELECT 1;\0 DROP TABLE t") }.sqlState == "22021")
    #expect(try connection.first("SELECT count(*) FROM t") == .integer(0))
  }

  @Test func `what a session or database has set does not change how rows are read`() throws {
    let sample = try Sample(
      """
      CREATE TABLE t AS SELECT '2024-01-02 03:04:05+02'::timestamptz a, '1.1'::float8 b, '\\x00'::bytea c,
        '-1 days +02:03:00'::interval d, 12.5::money e;
      """)
    let expected = try sample.connect().rows("SELECT * FROM t")
    let settings = [
      "DateStyle = 'SQL, DMY'", "TimeZone = 'Asia/Tokyo'", "extra_float_digits = -10", "bytea_output = escape",
      "IntervalStyle = sql_standard", "client_encoding = LATIN1",
    ]
    for setting in settings { try sample.psql("ALTER DATABASE \"\(sample.name)\" SET \(setting)") }
    let connection = try sample.connect()
    #expect(try connection.rows("SELECT * FROM t") == expected)
    for setting in settings {
      try connection.run("SET \(setting)")
      #expect(try connection.rows("SELECT * FROM t") == expected)
      try connection.run("BEGIN; SET LOCAL \(setting)")
      #expect(try connection.rows("SELECT * FROM t") == expected)
      try connection.run("COMMIT")
    }
  }

  @Test func `statements run with the settings that the user has, reads between them or not`() throws {
    let sample = try Sample("CREATE TABLE seen(zone text, style text, day date)")
    try sample.psql("ALTER DATABASE \"\(sample.name)\" SET TimeZone = 'Asia/Tokyo'")
    try sample.psql("ALTER DATABASE \"\(sample.name)\" SET DateStyle = 'SQL, DMY'")
    let connection = try sample.connect()
    let note = "INSERT INTO seen SELECT current_setting('TimeZone'), current_setting('DateStyle'), '02/01/2024'"
    let expected: [Value] = [.text("Asia/Tokyo"), .text("SQL, DMY"), .native("2024-01-02")]
    try connection.run(note)
    #expect(try connection.rows("TABLE seen") == [expected])
    try connection.run(note)
    try connection.run("BEGIN")
    _ = try connection.rows("TABLE seen")
    try connection.run("SET LOCAL TimeZone = 'Asia/Seoul'")
    _ = try connection.rows("TABLE seen")
    try connection.run(note)
    _ = try connection.rows("TABLE seen")
    try connection.run("COMMIT")
    try connection.run(note)
    let seoul: [Value] = [.text("Asia/Seoul"), expected[1], expected[2]]
    #expect(try connection.rows("TABLE seen") == [expected, expected, seoul, expected])
    // After a failure, which undoes what the transaction has set.
    try connection.run("BEGIN")
    _ = try connection.rows("TABLE seen")
    #expect(throws: DriverError.self) { try connection.run("SELECT 1/0") }
    try connection.run("ROLLBACK")
    try connection.run(note)
    #expect(try connection.rows("TABLE seen").last == expected)
  }
}

extension Value {
  /// Equal, with -0 apart from 0.
  fileprivate func same(_ other: Value) -> Bool {
    if case .real(let a) = self, case .real(let b) = other { return a.bitPattern == b.bitPattern }
    return self == other
  }
}
