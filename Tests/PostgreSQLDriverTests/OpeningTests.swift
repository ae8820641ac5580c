import BelayDrivers
import DriverTesting
import Foundation
import Testing

@Suite struct OpeningTests {
  @Test func `a database of a real server opens and answers`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    defer { connection.close() }
    #expect(connection.traits.serverName == "PostgreSQL")
    #expect(connection.traits.serverVersion.wholeMatch(of: /\d+\.\d+/) != nil)
    #expect(try connection.first("SELECT current_database()::text") == .text(sample.name))
    #expect(connection.traits.databaseBytes > 1 << 20)
    #expect(connection.traits.freeBytes > 1 << 20)
    #expect(!connection.traits.isReadOnly)
    #expect(connection.traits.restoreSteps.contains { $0.contains("pg_restore") })
    withExtendedLifetime(sample) {}
  }

  /// What is given, and what becomes of it.
  static let refused: [(String, DriverError.Code, String)] = [
    ("postgres://postgres@/nowhere?host=FOLDER", .notFound, "database \"nowhere\" does not exist"),
    ("postgres://nobody@/postgres?host=FOLDER", .auth, "role \"nobody\" does not exist"),
    ("postgres://postgres@/postgres?host=FOLDER/none", .io, "No such file"),
    ("postgres://postgres@127.0.0.1:1/postgres", .io, "Connection refused"),
    ("postgres://postgres@127.0.0.1:1,127.0.0.1:2/postgres", .io, "port 2: Connection refused"),
    ("postgres://u:sec@ret@127.0.0.1/postgres", .invalid, "where in the URL the password ends"),
    ("postgres://u:sec/ret@127.0.0.1/postgres", .invalid, "where in the URL the password ends"),
    ("postgres://u:secret@/postgres?nosuchword=secret", .invalid, "libpq cannot parse the URL"),
    ("postgres://u:secret@/postgres?host=FOLDER&sslmode=secret", .invalid, "sslmode"),
    ("postgres://postgres:secret@/postgres?host=FOLDER&service=none", .notFound, "service"),
  ]

  @Test(arguments: refused)
  func `failures to connect are distinguished, and contain no secret`(
    _ url: String, _ code: DriverError.Code, _ words: String
  ) throws {
    let server = try PostgreSQLServer.shared()
    let driver = try BuiltDriver.postgresql.get()
    let error = try failure {
      _ = try driver.open(url.replacing("FOLDER", with: server.folder), options: [], operation: Operation())
    }
    #expect(error.code == code, "\(error)")
    #expect(error.outcome == .notApplied)
    #expect(error.message.contains(words), "\(error.message)")
    #expect(!error.message.contains("\n"), "\(error.message)")
    if !url.contains("sslmode") {
      for secret in ["sec@ret", "ret@", "secret"] {
        #expect(!error.message.contains(secret) && error.hint?.contains(secret) != true, "\(error)")
      }
    }
  }

  @Test func `of several hosts the one that answers is taken`() throws {
    let sample = try Sample()
    let url = "postgres://postgres@/\(sample.name)?host=/nowhere,\(sample.server.folder)&port=5432,5432"
    let connection = try BuiltDriver.postgresql.get().open(url, options: [], operation: Operation())
    #expect(try connection.first("SELECT 1") == .integer(1))
    withExtendedLifetime(sample) {}
  }

  @Test func `a wrong password and none are refused, and never repeated`() throws {
    let server = try PasswordServer.shared.get()
    for (password, words) in [(":hush-hush", "password authentication failed"), ("", "no password supplied")] {
      let error = try failure {
        _ = try BuiltDriver.postgresql.get().open(
          "postgres://guarded\(password)@/postgres?host=\(server.folder)&passfile=/nowhere", options: [],
          operation: Operation())
      }
      #expect(error.code == .auth, "\(error)")
      #expect(error.message.contains(words), "\(error.message)")
      #expect(!error.message.contains("hush") && error.hint?.contains("hush") != true)
      #expect(error.hint?.isEmpty == false)
    }
    let connection = try BuiltDriver.postgresql.get().open(
      "postgres://guarded:right%40one@/postgres?host=\(server.folder)", options: [], operation: Operation())
    #expect(try connection.first("SELECT current_user::text") == .text("guarded"))
  }

  @Test func `the hint for a server that requires encryption says so`() throws {
    let server = try PasswordServer.shared.get()
    let error = try failure {
      _ = try BuiltDriver.postgresql.get().open(
        "postgres://rejected@/postgres?host=\(server.folder)", options: [], operation: Operation())
    }
    #expect(error.code == .auth)
    #expect(error.message.contains("pg_hba.conf"), "\(error.message)")
  }

  @Test func `create makes a database, takes an empty one, and refuses one with something in it`() throws {
    let server = try PostgreSQLServer.shared()
    let name = PostgreSQLServer.freshName("Odd \"näme'%")
    defer { _ = try? server.psql("DROP DATABASE \"\(name.replacing("\"", with: "\"\""))\" WITH (FORCE)") }
    let made = try BuiltDriver.open(name, options: ["create": "1"])
    #expect(try made.first("SELECT current_database()::text") == .text(name))
    try BuiltDriver.open(name, options: ["create": "1", "maintenance_db": "template1"]).close()
    for content in ["TABLE t(a int)", "SCHEMA s", "TYPE m AS ENUM ('a')", "FUNCTION f() RETURNS int RETURN 1"] {
      try made.run("CREATE \(content)")
      let error = try failure { _ = try BuiltDriver.open(name, options: ["create": "1"]) }
      #expect(error.code == .constraint)
      #expect(error.message.contains("is not empty"))
      try made.run("DROP \(content.prefix { $0 != "(" }.replacing(" AS ENUM ", with: ""))")
    }
    try BuiltDriver.open(name, options: ["create": "1"]).close()
  }

  @Test func `options that contradict each other or say nothing are refused`() throws {
    let sample = try Sample()
    for options in [
      ["create": "1", "read_only": "1"], ["lock_timeout_ms": "soon"], ["nonsense": "1"], ["read_only": "perhaps"],
    ] { #expect(try failure { _ = try sample.connect(options) }.code == .invalid) }
  }

  @Test func `read-only writes nothing, and a database set so is known as such`() throws {
    let sample = try Sample("CREATE TABLE t(a int)")
    let reader = try sample.connect(["read_only": "1"])
    #expect(reader.traits.isReadOnly)
    for sql in ["INSERT INTO t VALUES (1)", "DROP TABLE t", "TRUNCATE t"] {
      let error = try failure { try reader.run(sql) }
      #expect(error.code == .denied)
      #expect(error.sqlState == "25006")
    }
    try sample.psql("ALTER DATABASE \"\(sample.name)\" SET default_transaction_read_only = on")
    #expect(try sample.connect().traits.isReadOnly)
  }

  @Test func `two databases of one server have two identities, whatever the URL`() throws {
    let (one, other) = (try Sample(), try Sample())
    let first = try one.connect()
    let url = "postgresql://postgres@/?host=\(one.server.folder)&dbname=\(one.name)"
    let again = try BuiltDriver.postgresql.get().open(url, options: [], operation: Operation())
    #expect(first.traits.identity == again.traits.identity)
    #expect(try first.traits.identity != other.connect().traits.identity)
    withExtendedLifetime((one, other)) {}
  }

  @Test func `a host that does not answer is given up at once when cancelled, and when its time is over`() throws {
    // A server that takes connections and says nothing.
    let silent = try SilentServer()
    defer { silent.close() }
    let url = "postgres://postgres@127.0.0.1:\(silent.port)/postgres"
    let driver = try BuiltDriver.postgresql.get()
    for (operation, suffix, code) in [
      (Operation(timeout: .milliseconds(200)), "", DriverError.Code.timeout),
      (Operation(), "?connect_timeout=2", .timeout),
    ] {
      let began = ContinuousClock.now
      #expect(try failure { _ = try driver.open(url + suffix, options: [], operation: operation) }.code == code)
      #expect(ContinuousClock.now - began < soon)
    }
    // Of several, the others are tried.
    let server = try PostgreSQLServer.shared()
    let several =
      "postgres://postgres@/postgres?host=127.0.0.1,\(server.folder)&port=\(silent.port),5432&connect_timeout=2"
    let began = ContinuousClock.now
    #expect(try driver.open(several, options: [], operation: Operation()).first("SELECT 1") == .integer(1))
    #expect(ContinuousClock.now - began < soon)
    let cancellation = Cancellation()
    after(0.1) { cancellation.cancel() }
    let error = try failure {
      _ = try driver.open(url, options: [], operation: Operation(cancellation: cancellation))
    }
    #expect(error.code == .cancelled)
  }
}
