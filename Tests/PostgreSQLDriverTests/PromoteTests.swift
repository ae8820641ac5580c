import BelayDrivers
import DriverTesting
import Foundation
import Synchronization
import Testing

/// A scratch database in its target's place.
@Suite struct PromoteTests {
  private let server: PostgreSQLServer
  init() throws { server = try PostgreSQLServer.shared() }

  /// Makes a scratch with something in it, and gives its URL.
  private func scratch(_ connection: Connection, _ sql: String, name: String = "back") throws -> String {
    let url = try connection.createScratch(name: name, operation: .init())
    let scratch = try BuiltDriver.postgresql.get().open(url, options: [], operation: .init())
    try scratch.run(sql)
    scratch.close()
    return url
  }

  private func name(_ url: String) throws -> String {
    let scratch = try BuiltDriver.postgresql.get().open(url, options: [], operation: .init())
    defer { scratch.close() }
    return try #require(scratch.first("SELECT current_database()").text)
  }

  private let properties = """
    SELECT pg_get_userbyid(datdba), datconnlimit, datallowconn, (SELECT string_agg(a::text, ' ' ORDER BY a::text)
        FROM unnest(coalesce(datacl, acldefault('d', datdba))) a),
      shobj_description(d.oid, 'pg_database'), (SELECT string_agg(coalesce(setrole::regrole::text, '') || setconfig::text, ' '
        ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid)
    FROM pg_database d WHERE datname =
    """

  @Test func `the content is swapped, and what was there lies under the scratch's URL`() throws {
    let sample = try Sample("CREATE TABLE t AS SELECT 'old' AS a")
    let connection = try sample.connect()
    defer { connection.close() }
    let url = try scratch(connection, "CREATE TABLE t AS SELECT 'new' AS a")
    #expect(connection.traits.swaps)
    try connection.promote(url, operation: .init())
    #expect(try connection.first("SELECT a FROM t") == .text("new"))
    let former = try BuiltDriver.postgresql.get().open(url, options: [], operation: .init())
    #expect(try former.first("SELECT a FROM t") == .text("old"))
    former.close()
    #expect(try connection.locateScratch(name: "back", operation: .init()) == url)
    // And back again.
    try connection.promote(url, operation: .init())
    #expect(try connection.first("SELECT a FROM t") == .text("old"))
    try connection.dropScratch(url, operation: .init())
  }

  @Test func `a template stays one, and what it was before can be dropped`() throws {
    let sample = try Sample("CREATE TABLE t (a integer)")
    try server.psql("ALTER DATABASE \(sample.name) IS_TEMPLATE true")
    // What stays goes with the server.
    defer { _ = try? server.psql("ALTER DATABASE \(sample.name) IS_TEMPLATE false") }
    let connection = try sample.connect()
    defer { connection.close() }
    for adorns in [false, true] {
      let url = try scratch(connection, "CREATE TABLE u (a integer)", name: "back-\(adorns)")
      let copy = try name(url)
      // As the database's statement in a backup does.
      if adorns { try server.psql("ALTER DATABASE \"\(copy)\" CONNECTION LIMIT 3") }
      try connection.promote(url, operation: .init())
      let isTemplate = "SELECT datistemplate FROM pg_database WHERE datname ="
      #expect(try server.psql("\(isTemplate) '\(sample.name)'") == "t")
      try connection.dropScratch(url, operation: .init())
      #expect(try server.psql("\(isTemplate) '\(copy)'") == "")
    }
  }

  @Test func `owner, privileges, connection limit, settings and comment are carried over, and back`() throws {
    let role = PostgreSQLServer.freshName("role")
    let sample = try Sample("CREATE TABLE t (a integer)")
    try sample.psql(
      """
      CREATE ROLE \(role); CREATE ROLE "\(role) odd"; ALTER DATABASE \(sample.name) OWNER TO \(role);
      REVOKE ALL ON DATABASE \(sample.name) FROM PUBLIC; GRANT CONNECT ON DATABASE \(sample.name) TO \(role) WITH GRANT OPTION;
      GRANT CREATE ON DATABASE \(sample.name) TO "\(role) odd" WITH GRANT OPTION;
      SET ROLE "\(role) odd"; GRANT CREATE ON DATABASE \(sample.name) TO PUBLIC; RESET ROLE;
      ALTER DATABASE \(sample.name) CONNECTION LIMIT 17; COMMENT ON DATABASE \(sample.name) IS 'it''s \\ odd';
      ALTER DATABASE \(sample.name) SET search_path TO "$user", "Odd, one", public;
      ALTER DATABASE \(sample.name) SET work_mem TO '7MB'; ALTER DATABASE \(sample.name) SET app.setting TO 'a''b, "c';
      ALTER DATABASE \(sample.name) SET temp_tablespaces TO ''; ALTER DATABASE \(sample.name) SET "TimeZone" TO 'Asia/Tokyo';
      ALTER ROLE "\(role) odd" IN DATABASE \(sample.name) SET statement_timeout TO '1ms';
      """)
    let connection = try sample.connect()
    defer { connection.close() }
    let before = try sample.psql(properties + " '\(sample.name)'")
    #expect(before.contains("Asia/Tokyo") && before.contains("=C/\"\(role) odd\"") || before.contains("odd"))
    let url = try scratch(connection, "CREATE TABLE u (a integer)")
    for _ in 0..<2 {
      try connection.promote(url, operation: .init())
      let now = try sample.psql(properties + " '\(sample.name)'")
      #expect(now == before)
    }
    try connection.dropScratch(url, operation: .init())
    // A scratch that has been given properties of its own keeps them.
    let adorned = try scratch(connection, "CREATE TABLE u (a integer)")
    let copy = try name(adorned)
    try server.psql("ALTER DATABASE \"\(copy)\" CONNECTION LIMIT 3")
    let own = try server.psql(properties + " '\(copy)'").replacing(
      "belay scratch database of \(sample.name), to be dropped", with: "")
    try connection.promote(adorned, operation: .init())
    #expect(try sample.psql(properties + " '\(sample.name)'") == own)
    try connection.dropScratch(adorned, operation: .init())
  }

  @Test func `sessions are ended, also those that connect anew all the time`() throws {
    let sample = try Sample("CREATE TABLE t AS SELECT 'old' AS a")
    let connection = try sample.connect()
    defer { connection.close() }
    let url = try scratch(connection, "CREATE TABLE t AS SELECT 'new' AS a")
    let idle = try sample.connect()
    try idle.run("BEGIN; SELECT * FROM t; LOCK TABLE t")
    let isOver = Mutex(false)
    let target = sample.name
    let connected = Mutex(0)
    for _ in 0..<4 {
      after(0) {
        while !isOver.withLock({ $0 }) {
          guard let other = try? BuiltDriver.open(target) else { continue }
          connected.withLock { $0 += 1 }
          _ = try? other.run("SELECT pg_sleep(0.01)")
          other.close()
        }
      }
    }
    try eventually { connected.withLock { $0 } > 20 }
    defer { isOver.withLock { $0 = true } }
    try connection.promote(url, operation: .init())
    isOver.withLock { $0 = true }
    #expect(try connection.first("SELECT a FROM t") == .text("new"))
    #expect(throws: DriverError.self) { try idle.run("COMMIT") }
    idle.close()
    try connection.dropScratch(url, operation: .init())
  }

  @Test func `what cannot follow is named, and nothing is changed`() throws {
    let sample = try Sample("CREATE TABLE t AS SELECT 'old' AS a")
    let connection = try sample.connect()
    defer { connection.close() }
    let url = try scratch(connection, "CREATE TABLE t AS SELECT 'new' AS a")
    let slot = PostgreSQLServer.freshName("slot")
    let cases: [(make: String, undo: String, code: DriverError.Code, words: String)] = [
      ("BEGIN; INSERT INTO t VALUES ('p'); PREPARE TRANSACTION '\(slot)'", "ROLLBACK PREPARED '\(slot)'", .busy, slot),
      (
        "SELECT pg_create_logical_replication_slot('\(slot)', 'test_decoding')",
        "SELECT pg_drop_replication_slot('\(slot)')", .unsupported, slot
      ),
      (
        "CREATE SUBSCRIPTION \(slot) CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)",
        "ALTER SUBSCRIPTION \(slot) SET (slot_name = NONE); DROP SUBSCRIPTION \(slot)", .unsupported, slot
      ),
    ]
    for (make, undo, code, words) in cases {
      try sample.psql(make)
      let error = try failure { try connection.promote(url, operation: .init()) }
      #expect(error.code == code && error.outcome == .notApplied, "\(error)")
      #expect(error.message.contains(words) && error.hint?.contains(words) ?? false, "\(error)")
      #expect(try connection.first("SELECT a FROM t") == .text("old"))
      try sample.psql(undo)
    }
    try connection.run("BEGIN")
    #expect(try failure { try connection.promote(url, operation: .init()) }.code == .invalid)
    try connection.run("ROLLBACK")
    try connection.promote(url, operation: .init())
    try connection.dropScratch(url, operation: .init())
  }

  @Test func `a superuser's session stops a role that may not end it`() throws {
    let role = PostgreSQLServer.freshName("role")
    let target = PostgreSQLServer.freshName()
    try server.psql("CREATE ROLE \(role) LOGIN CREATEDB")
    try server.psql("CREATE DATABASE \(target) OWNER \(role)")
    defer { try? server.dropDatabase(target) }
    let connection = try BuiltDriver.open(target, user: role)
    defer { connection.close() }
    let url = try scratch(connection, "CREATE TABLE t AS SELECT 'new' AS a")
    let boss = try BuiltDriver.open(target)
    let error = try failure { try connection.promote(url, operation: .init()) }
    #expect(error.code == .busy && error.outcome == .notApplied)
    #expect(error.message.contains("session \(try boss.process()) of postgres"), "\(error)")
    #expect(try boss.first("SELECT 1") == .integer(1))
    boss.close()
    try eventually {
      try server.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = '\(target)' AND usename = 'postgres'")
        == "0"
    }
    try connection.promote(url, operation: .init())
    #expect(try connection.first("SELECT a FROM t") == .text("new"))
    try connection.dropScratch(url, operation: .init())
  }

  @Test func `a lock that is held stays held`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    defer { connection.close() }
    try connection.lock("belay", operation: .init())
    let url = try scratch(connection, "CREATE TABLE t AS SELECT 'new' AS a")
    try connection.promote(url, operation: .init())
    let other = try sample.connect()
    defer { other.close() }
    #expect(try failure { try other.lock("belay", operation: .init()) }.code == .busy)
    try connection.unlock("belay", operation: .init())
    try other.lock("belay", operation: .init())
    try connection.dropScratch(url, operation: .init())
  }

  /// One of two contents, whole: "odd" or "even", or what is in it otherwise.
  private func content(_ database: String) throws -> String {
    try server.psql("SELECT string_agg(DISTINCT a, ',') || ' ' || count(*) FROM t", database: database)
  }

  @Test func `a kill of the process at any moment leaves the one database or the other`() throws {
    let folder = try TemporaryFolder()
    let program = folder("promote")
    try Compiler.run(
      "cc",
      [
        "-std=c11", "-I\(Compiler.repository)/Sources/CBelayDriver/include", "-o", program,
        "\(Compiler.repository)/Tests/SQLiteDriverTests/Programs/promote.c", "-ldl",
      ])
    let sample = try Sample("CREATE TABLE t AS SELECT 'odd' AS a FROM generate_series(1, 1000)")
    let connection = try sample.connect()
    let url = try scratch(connection, "CREATE TABLE t AS SELECT 'even' AS a FROM generate_series(1, 1000)")
    let copy = try name(url)
    let (target, driver) = (server.url(sample.name), try BuiltDriver.path())
    connection.close()

    func promote(killedAfter limit: Duration?) throws -> Duration {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = [driver, target, url]
      let ready = Pipe()
      process.standardOutput = ready
      try process.run()
      _ = ready.fileHandleForReading.availableData
      let start = ContinuousClock.now
      if let limit {
        usleep(UInt32(limit / .microseconds(1)))
        kill(process.processIdentifier, SIGKILL)
      }
      process.waitUntilExit()
      return ContinuousClock.now - start
    }

    let whole = try promote(killedAfter: nil)
    #expect(try content(sample.name) == "even 1000")
    var seen: Set<String> = []
    // On a machine that has other work by now, as often again for a kill that comes after the swap.
    for step in 0..<80 where step < 40 || seen.count < 2 {
      _ = try promote(killedAfter: whole * step / 36)
      // The server notices within seconds that its client is gone; until then the name is locked.
      try eventually {
        try server.psql(
          """
          SELECT count(*) FROM pg_stat_activity WHERE application_name = 'belay' AND query LIKE '%\(sample.name)%'
            AND pid <> pg_backend_pid()
          """) == "0"
      }
      let pair = try [content(sample.name), content(copy)]
      #expect(Set(pair) == ["odd 1000", "even 1000"], "killed at step \(step)")
      seen.insert(pair[0])
    }
    #expect(seen.count == 2, "the kills came before and after the swap")
    try server.dropDatabase(copy)
  }

  @Test
  func
    `if a session of belay is ended during the swap, one database or the other is in place, and the outcome is correct`()
    throws
  {
    let sample = try Sample("CREATE TABLE t AS SELECT 'odd' AS a FROM generate_series(1, 1000)")
    let connection = try sample.connect()
    defer { connection.close() }
    let url = try scratch(connection, "CREATE TABLE t AS SELECT 'even' AS a FROM generate_series(1, 1000)")
    let copy = try name(url)
    let target = sample.name
    for step in 0..<30 {
      let before = try content(target)
      let isOver = Mutex(false)
      let killer = Thread {
        usleep(UInt32(step * 2000))
        while !isOver.withLock({ $0 }) {
          _ = try? PostgreSQLServer.shared().psql(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'belay' AND query LIKE '%\(target)%' AND datname = 'postgres'
              AND (query LIKE 'ALTER DATABASE%' OR query LIKE 'COMMIT%' OR query LIKE 'BEGIN%')
            """)
          if step % 2 == 0 { break }
        }
      }
      killer.start()
      var outcome: DriverError.Outcome?
      do { try connection.promote(url, operation: .init()) } catch { outcome = error.outcome }
      isOver.withLock { $0 = true }
      let now = try content(target)
      #expect(try Set([now, content(copy)]) == ["odd 1000", "even 1000"])
      switch outcome {
      case nil, .applied: #expect(now != before, "step \(step)")
      case .notApplied: #expect(now == before, "step \(step)")
      default: Issue.record("step \(step): \(String(describing: outcome))")
      }
    }
    try connection.dropScratch(url, operation: .init())
  }
}
