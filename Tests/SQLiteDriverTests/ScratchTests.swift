import BelayDrivers
import DriverTesting
import Foundation
import Testing

struct ScratchTests {
  private func filled(_ connection: Connection, _ sql: String, name: String = "run-1") throws -> String {
    let url = try connection.createScratch(name: name, operation: Operation())
    let scratch = try BuiltDriver.load().open(
      url, options: [DriverOption(key: "create", value: "1", isSecret: false)], operation: Operation())
    try scratch.run(sql)
    scratch.close()
    return url
  }

  @Test("a scratch database is found by its name, made once, and removed with its journals")
  func lifeCycle() throws {
    let sample = try Sample("CREATE TABLE t(a);")
    let connection = try sample.connect()
    let url = try filled(connection, "PRAGMA journal_mode=WAL; CREATE TABLE u(a)")
    #expect(try connection.locateScratch(name: "run-1", operation: Operation()) == url)
    let again = #expect(throws: DriverError.self) {
      try connection.createScratch(name: "run-1", operation: Operation())
    }
    #expect(again?.code == .constraint)
    let path = String(url.dropFirst("sqlite:".count))
    for suffix in ["-wal", "-shm", "-journal"] { try Data([1]).write(to: URL(fileURLWithPath: path + suffix)) }
    try connection.dropScratch(url, operation: Operation())
    try connection.dropScratch(url, operation: Operation())
    #expect(try sample.files == ["app.db"])
  }

  @Test("databases of one name in two folders do not share scratch databases")
  func sharedFolder() throws {
    let (first, second) = (try Sample("CREATE TABLE t(a);"), try Sample("CREATE TABLE t(a);"))
    let folder = try first.folder.folder("scratch")
    let urls = try [first, second].map {
      try $0.connect(["scratch_dir": folder]).createScratch(name: "r", operation: Operation())
    }
    #expect(Set(urls).count == 2)
  }

  @Test("only a scratch database is ever dropped or promoted")
  func notScratch() throws {
    let sample = try Sample("CREATE TABLE t(a);")
    let other = try Sample("CREATE TABLE u(a);")
    let connection = try sample.connect()
    let dropping = #expect(throws: DriverError.self) {
      try connection.dropScratch("sqlite:" + other.path, operation: Operation())
    }
    #expect(dropping?.code == .invalid)
    #expect(try other.files == ["app.db"])
    #expect(throws: DriverError.self) { try connection.promote("sqlite:" + other.path, operation: Operation()) }
    #expect(throws: DriverError.self) { try connection.createScratch(name: "../up", operation: Operation()) }
  }

  @Test("promote reaches a program that holds the database open", arguments: ["DELETE", "WAL"])
  func heldOpen(_ mode: String) throws {
    let sample = try Sample("PRAGMA journal_mode=\(mode); CREATE TABLE t(a); INSERT INTO t VALUES('old');")
    let go = sample.folder("go")
    let held = sample.folder("held")
    let other = try Shell.start(
      sample.path,
      """
      SELECT a FROM t;
      .shell touch '\(held)'
      .shell while [ ! -e '\(go)' ]; do sleep 0.01; done
      SELECT a, b FROM t;
      INSERT INTO t VALUES('mine', 2);
      PRAGMA integrity_check;
      """)
    // It has read what was there, and waits with the file open.
    while !FileManager.default.fileExists(atPath: held) && other.process.isRunning { usleep(10_000) }
    let connection = try sample.connect()
    let url = try filled(connection, "CREATE TABLE t(a, b); INSERT INTO t VALUES('new', 1)")
    try connection.promote(url, operation: Operation())
    try sample.folder.file("go", "")
    #expect(try other.wait() == "old\nnew|1\nok")
    #expect(try connection.first("SELECT count(*) FROM t") == .integer(2))
    #expect(try connection.first("PRAGMA journal_mode") == .text(mode.lowercased()))
    connection.close()
    #expect(try !sample.files.contains("app.db-wal"))
  }

  @Test("promote waits for a reader, or says that the database is busy and leaves it")
  func readerInTheWay() throws {
    let sample = try Sample("CREATE TABLE t(a); INSERT INTO t VALUES('old');")
    let connection = try sample.connect(["busy_timeout_ms": "100"])
    let url = try filled(connection, "CREATE TABLE t(a); INSERT INTO t VALUES('new')")
    let reader = try sample.connect()
    try reader.run("BEGIN; SELECT * FROM t")
    let error = #expect(throws: DriverError.self) { try connection.promote(url, operation: Operation()) }
    #expect(error?.code == .busy)
    #expect(error?.outcome == .notApplied)
    #expect(try reader.first("SELECT a FROM t") == .text("old"))
    try reader.run("COMMIT")
    try connection.promote(url, operation: Operation())
    #expect(try reader.first("SELECT a FROM t") == .text("new"))
  }

  @Test("promote inside a transaction, or into a read-only database, is refused")
  func refused() throws {
    let sample = try Sample("CREATE TABLE t(a);")
    let connection = try sample.connect()
    let url = try filled(connection, "CREATE TABLE u(a)")
    try connection.run("BEGIN")
    let inside = #expect(throws: DriverError.self) { try connection.promote(url, operation: Operation()) }
    #expect(inside?.code == .invalid)
    try connection.run("COMMIT")
    let reader = try sample.connect(["read_only": "1"])
    let denied = #expect(throws: DriverError.self) { try reader.promote(url, operation: Operation()) }
    #expect(denied?.code == .denied)
  }

  @Test("a kill during promote leaves the one database or the other, never a mixture", arguments: ["DELETE", "WAL"])
  func killed(_ mode: String) throws {
    let sample = try Sample("PRAGMA journal_mode=\(mode); CREATE TABLE t(a, b);")
    let program = sample.folder("promote")
    try Compiler.run(
      "cc",
      [
        "-std=c11", "-I\(Compiler.repository)/Sources/CBelayDriver/include", "-o", program,
        "\(Compiler.repository)/Tests/SQLiteDriverTests/Programs/promote.c", "-ldl",
      ])
    let connection = try sample.connect()
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20000)"
    let urls = try ["odd", "even"].map { name in
      try filled(
        connection, "CREATE TABLE t(a, b); \(rows) INSERT INTO t SELECT '\(name)', randomblob(1000) FROM n", name: name)
    }
    connection.close()

    func promote(_ url: String, killedAfter limit: Duration?) throws -> Duration {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = [try BuiltDriver.path(), "sqlite:" + sample.path, url]
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

    let whole = try promote(urls[1], killedAfter: nil)
    var before = "even|20000\nok"
    #expect(try Shell.run(sample.path, "SELECT a, count(*) FROM t GROUP BY a; PRAGMA integrity_check;") == before)
    for step in 0..<16 {
      let wanted = before.hasPrefix("even") ? 0 : 1
      _ = try promote(urls[wanted], killedAfter: whole * step / 14)
      let found = try Shell.run(sample.path, "SELECT a, count(*) FROM t GROUP BY a; PRAGMA integrity_check;")
      #expect([before, (wanted == 0 ? "odd" : "even") + "|20000\nok"].contains(found), "killed at step \(step)")
      before = found
    }
  }
}
