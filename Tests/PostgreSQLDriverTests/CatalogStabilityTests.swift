import BelayDrivers
import DriverTesting
import Foundation
import Testing

@Suite struct CatalogStabilityTests {
  /// What a session may have set before its catalog is read.
  static let sessions = [
    "SELECT 1", "SET search_path = app, public", "SET DateStyle = 'SQL, DMY'", "SET TimeZone = 'Asia/Tokyo'",
    "SET IntervalStyle = 'sql_standard'", "SET bytea_output = 'escape'", "SET extra_float_digits = -5",
    "SET quote_all_identifiers = on", "SET standard_conforming_strings = off", "SET default_transaction_read_only = on",
    "SET default_transaction_isolation = 'serializable'", "BEGIN", "BEGIN READ ONLY",
    "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE",
    "BEGIN; SET LOCAL search_path = app; SAVEPOINT s; SET DateStyle = 'German'",
    "BEGIN; CREATE TEMPORARY TABLE users (a int); SET search_path = app, pg_temp",
  ]

  private static let museum = Result { try CatalogRecreationTests.database("stable", CatalogMuseum.sql) }
  private static let reading = Result { try CatalogRecreationTests.catalog(museum.get()) }

  @Test(arguments: sessions)
  func `the catalog is the same whatever the session has set, and leaves no trace in it`(_ set: String) throws {
    let connection = try BuiltDriver.open(Self.museum.get())
    defer { connection.close() }
    try connection.execute(set, operation: Operation())
    let settings = """
      SELECT name, setting FROM pg_settings WHERE name IN ('search_path', 'quote_all_identifiers', 'jit',
        'transaction_isolation', 'transaction_read_only', 'standard_conforming_strings') ORDER BY 1
      """
    let before = try connection.values(settings, operation: Operation())
    for _ in 0..<2 {
      let lines = CatalogRecreationTests.lines(try connection.catalog(operation: Operation()))
      CatalogRecreationTests.expectEqual(lines, CatalogRecreationTests.lines(try Self.reading.get()))
    }
    #expect(try connection.values(settings, operation: Operation()) == before)
    if set.hasPrefix("BEGIN") { try connection.execute("COMMIT", operation: Operation()) }
  }

  /// Where the server hides something from a role, it is hidden options of servers and where subscriptions lead.
  @Test func `a role without rights reads the same catalog`() throws {
    let museum = try Self.museum.get()
    let connection = try BuiltDriver.open(museum, user: "museum_reader")
    defer { connection.close() }
    let lines = CatalogRecreationTests.lines(try connection.catalog(operation: Operation()))
    // The content of large objects is for superusers.
    let expected = try CatalogRecreationTests.lines(Self.reading.get()).filter { !$0.contains("pg_largeobject") }
    CatalogRecreationTests.expectEqual(lines, expected)
  }

  @Test func `in a failed transaction the catalog is refused, and after the rollback it is read again`() throws {
    let connection = try BuiltDriver.open(Self.museum.get())
    defer { connection.close() }
    try connection.execute("BEGIN", operation: Operation())
    #expect(throws: DriverError.self) {
      try connection.execute("SET TRANSACTION ISOLATION LEVEL nonsense", operation: Operation())
    }
    #expect(throws: DriverError.self) { try connection.catalog(operation: Operation()) }
    try connection.execute("ROLLBACK", operation: Operation())
    let lines = CatalogRecreationTests.lines(try connection.catalog(operation: Operation()))
    CatalogRecreationTests.expectEqual(lines, CatalogRecreationTests.lines(try Self.reading.get()))
  }

  @Test func `objects come in an order in which a table's columns follow it and no identity comes twice`() throws {
    let objects = try Self.reading.get().objects
    #expect(Set(objects.map(\.identity)).count == objects.count)
    var table: SchemaObject?
    for object in objects {
      switch object.kind {
      case "table": table = object
      case "column": #expect(object.parent == table?.name && object.schema == table?.schema, "\(object.name)")
      default: table = nil
      }
    }
    let lastTable = try #require(objects.lastIndex { $0.kind == "table" })
    for kind in ["index", "trigger", "rule", "policy", "publication", "event_trigger", "setting", "database"] {
      #expect(
        try #require(objects.firstIndex { $0.kind == kind }) > lastTable, "\(kind) before \(objects[lastTable].name)")
    }
    for object in objects where object.schema == "pg_catalog" && object.kind == "table" {
      #expect(object.flags.contains(.internal) && object.ddl.isEmpty)
    }
  }

  @Test func `no definition and no ddl holds an OID, the database's name or a password`() throws {
    let server = try PostgreSQLServer.shared()
    let name = try CatalogRecreationTests.database(
      "secrets",
      """
      CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'h');
      CREATE USER MAPPING FOR postgres SERVER s OPTIONS (user 'u', password 'sesame-1');
      CREATE FOREIGN DATA WRAPPER bare OPTIONS (api_token 'sesame-2', plain 'shown');
      CREATE SUBSCRIPTION one CONNECTION 'host=h user=u password=sesame-3' PUBLICATION p WITH (connect = false);
      CREATE SUBSCRIPTION two CONNECTION 'postgres://u:sesame-4@h/d' PUBLICATION p WITH (connect = false, slot_name = NONE);
      DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET app.jwt_secret TO ''sesame-5''', current_database());
        EXECUTE format('ALTER DATABASE %I SET app.plain TO ''shown''', current_database());
      END $$;
      """)
    let before = try CatalogRecreationTests.catalog(name)
    for object in before.objects {
      for text in [object.definition, object.ddl, object.nativeType] {
        #expect(!text.contains("sesame") && !text.contains(name), "\(object.kind) \(object.name): \(text)")
      }
    }
    let text = before.objects.map(\.ddl).joined()
    #expect(["plain 'shown'", "host 'h'", "\"user\" 'u'"].allSatisfy(text.contains))
    let changes = [
      CatalogChange(
        "ALTER USER MAPPING FOR postgres SERVER s OPTIONS (SET password 'sesame-9')", "~ user_mapping s.postgres"),
      CatalogChange(
        "ALTER FOREIGN DATA WRAPPER bare OPTIONS (SET api_token 'sesame-9')", "~ foreign_data_wrapper bare"),
      CatalogChange("ALTER SUBSCRIPTION one CONNECTION 'host=h user=u password=sesame-9'", "~ subscription one"),
      CatalogChange("ALTER DATABASE \"\(name)\" SET app.jwt_secret TO 'sesame-9'", "~ setting app.jwt_secret"),
    ]
    for change in changes {
      let earlier = try CatalogRecreationTests.catalog(name)
      try server.psql(change.sql, database: name)
      #expect(CatalogChange.between(earlier, try CatalogRecreationTests.catalog(name)) == change.expected)
    }
    // A subscription with a slot would keep others from dropping the database.
    try server.psql(
      "ALTER SUBSCRIPTION one SET (slot_name = NONE); DROP SUBSCRIPTION one; DROP SUBSCRIPTION two", database: name)
  }

  @Test func `an index that could not be finished says so`() throws {
    let name = try CatalogRecreationTests.database(
      "invalid", "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1); CREATE INDEX good ON t (a)")
    #expect(throws: PostgreSQLServer.Failure.self) {
      try PostgreSQLServer.shared().psql("CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)", database: name)
    }
    let indexes = try CatalogRecreationTests.catalog(name).objects.filter { $0.kind == "index" }
    let broken = try #require(indexes.first { $0.name == "broken" })
    #expect(broken.definition.hasPrefix("INVALID ") && broken.ddl.isEmpty && broken.flags.contains(.outsideDump))
    #expect(indexes.first { $0.name == "good" }?.definition.hasPrefix("INVALID") == false)
  }

  @Test func `rows are estimated where they were counted`() throws {
    let name = try CatalogRecreationTests.database(
      "counted",
      "CREATE TABLE t AS SELECT generate_series(1, 1000) AS a; CREATE TABLE u (a int); ANALYZE t")
    let tables = try CatalogRecreationTests.catalog(name).tables
    #expect(tables.first { $0.name == "t" }?.rowEstimate == 1000)
    #expect(tables.first { $0.name == "u" }.map { $0.rowEstimate == nil } == true)
  }

  /// What reads the catalog.
  enum Reading: CaseIterable {
    case catalog, view, integrity, footprint, preflight, script

    func once(_ connection: Connection) throws {
      let script = "INSERT INTO t VALUES (1); ALTER TABLE t ADD CHECK (i > 0);"
      switch self {
      case .catalog: _ = try connection.catalog(operation: Operation())
      case .view:
        _ = try connection.acquireToken(operation: Operation())
        _ = try connection.catalog(operation: Operation())
        try connection.releaseToken(operation: Operation())
      case .integrity: _ = try connection.integrity(full: true, operation: Operation())
      case .footprint:
        try connection.run("BEGIN; INSERT INTO mine DEFAULT VALUES")
        #expect(try connection.checkFootprint(operation: Operation()) == [])
        _ = try connection.footprint(operation: Operation())
        try connection.run("COMMIT")
      case .preflight: _ = try connection.preflight(PreflightTests.all, operation: Operation())
      case .script:
        try connection.run("BEGIN")
        _ = try connection.split(script, operation: Operation())
        _ = try connection.lint(script, operation: Operation())
        try connection.run("COMMIT")
      }
    }
  }

  /// The server's functions that give definitions fail for what is gone since their query began.
  @Test(arguments: Reading.allCases)
  func `the catalog is read while others drop what it lists`(_ reading: Reading) throws {
    let server = try PostgreSQLServer.shared()
    let name = try server.makeDatabase()
    defer { try? server.dropDatabase(name) }
    try server.psql("CREATE TABLE mine (i serial PRIMARY KEY)", database: name)
    let folder = try TemporaryFolder()
    let script = try folder.file(
      "work.sql",
      """
      CREATE TABLE t_:client_id (i serial PRIMARY KEY, v text DEFAULT 'a' || 'b' CHECK (v <> ''));
      CREATE INDEX ON t_:client_id (v);
      CREATE VIEW v_:client_id AS SELECT v FROM t_:client_id;
      INSERT INTO t_:client_id DEFAULT VALUES;
      DROP TABLE t_:client_id CASCADE;
      """)
    let others = Process()
    others.executableURL = URL(fileURLWithPath: "\(server.programs)/pgbench")
    others.arguments = ["-n", "-c", "2", "-R", "20", "-T", "60", "-f", script, server.url(name)]
    (others.standardOutput, others.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try others.run()
    defer {
      kill(others.processIdentifier, SIGKILL)
      others.waitUntilExit()
    }
    let connection = try BuiltDriver.open(name)
    defer { connection.close() }
    let end = ContinuousClock.now + .seconds(4)
    var read = 0
    while others.isRunning, read < 6 || ContinuousClock.now < end {
      try reading.once(connection)
      read += 1
    }
    #expect(read > 5)
  }
}
