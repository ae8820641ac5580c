import DriverTesting
import Foundation
import Testing

@Suite("What bad input gets, on PostgreSQL")
struct PostgreSQLBadInputTests {
  /// A URL that leads nowhere, with FOLDER, DATABASE and PORT to be put in.
  struct Unreachable: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let url: String
    let says: [String]
  }

  static let unreachable = [
    Unreachable(
      testDescription: "no such database", url: "postgres://postgres@/nonesuch?host=FOLDER&port=PORT",
      says: ["nonesuch", "does not exist"]),
    Unreachable(
      testDescription: "no such role", url: "postgres://nobody@/postgres?host=FOLDER&port=PORT",
      says: ["nobody", "does not exist", "pg_hba.conf"]),
    Unreachable(
      testDescription: "no such socket", url: "postgres://postgres@/postgres?host=/nowhere",
      says: ["/nowhere", "is the server running"]),
    Unreachable(
      testDescription: "refused", url: "postgres://postgres@127.0.0.1:1/postgres",
      says: ["127.0.0.1", "refused", "is the server running"]),
    Unreachable(
      testDescription: "the server has no TLS, and the URL wants it",
      url: "postgres://postgres@127.0.0.1:PORT/postgres?sslmode=require", says: ["SSL", "TLS is off"]),
    Unreachable(
      testDescription: "the server wants TLS, and the URL has it off",
      url: "postgres://tls@127.0.0.1:PORT/postgres?sslmode=disable", says: ["no encryption", "sslmode=require"]),
    Unreachable(
      testDescription: "a wrong password", url: "postgres://keeper:wr0ng-s3cret@127.0.0.1:PORT/postgres",
      says: ["password authentication failed", "PGPASSWORD"]),
    Unreachable(
      testDescription: "no password", url: "postgres://keeper@127.0.0.1:PORT/postgres",
      says: ["no password supplied", "PGPASSFILE"]),
    Unreachable(
      testDescription: "a URL that libpq cannot read", url: "postgres://postgres@/postgres?sslmodus=x",
      says: ["sslmodus"]),
  ]

  /// A server that listens on TCP, where `keeper` needs a password and `tls` an encrypted connection.
  private static let guarded = Result {
    let port = 20_000 + Int(getpid()) % 10_000
    let server = try PostgreSQLServer(
      programs: PostgreSQLServer.shared().programs,
      settings: [
        "listen_addresses = '127.0.0.1'", "port = \(port)", "log_statement = all",
      ])
    let hba = """
      local all keeper scram-sha-256
      host all keeper all scram-sha-256
      hostssl all tls all trust
      hostnossl all tls all reject
      local all all trust
      host all all all trust
      """
    try Data(hba.utf8).write(to: URL(filePath: server.folder + "/data/pg_hba.conf"))
    try server.run(
      "psql",
      [
        "-X", "-q", "-d", "postgres://postgres@/postgres?host=\(server.folder)&port=\(port)",
        "-c", "SET password_encryption = 'scram-sha-256'",
        "-c", "CREATE ROLE keeper LOGIN CREATEDB PASSWORD '0urs4lone/p@ss word'", "-c", "CREATE ROLE tls LOGIN",
        "-c", "CREATE DATABASE kept OWNER keeper", "-c", "SELECT pg_reload_conf()", "-o", "/dev/null",
      ])
    return (server: server, port: port)
  }

  @Test("a server that cannot be reached is named, with its cure", arguments: unreachable)
  func nowhere(_ bad: Unreachable) throws {
    let (server, port) = try Self.guarded.get()
    let url = bad.url.replacing("FOLDER", with: server.folder).replacing("PORT", with: "\(port)")
    let shop = try BelayFolder(url: url)
    try shop.migration("1.sql", "CREATE TABLE a (x int);")
    for arguments in [["migrate", url, "--yes"], ["backup", url], ["doctor", url], ["check", url]] {
      let run = try Program.run(Program.belay().path, arguments, in: shop.folder)
      #expect(run.status == 22, "\(arguments[0]) \(run)")
      for text in bad.says { #expect((run.errors + run.output).contains(text), "\(text) is not in \(run)") }
      #expect(!run.description.contains("wr0ng"), "\(run)")
    }
    #expect(try shop.belay("status").status == 3)
  }

  @Test("the password is in no output, no file and no process's arguments")
  func secret() throws {
    let (server, port) = try Self.guarded.get()
    let url = "postgres://keeper:${PASSWORD}@127.0.0.1:\(port)/kept"
    let shop = try BelayFolder(url: url)
    let environment = ["PASSWORD": "0urs4lone%2Fp%40ss%20word"]
    try shop.write("targets:\n  shop: \(url)\n", to: "belay.yaml")
    let admin = "postgres://postgres@/kept?host=\(server.folder)&port=\(port)"
    try server.run(
      "psql",
      [
        "-X", "-q", "-d", admin, "-c", "SET ROLE keeper", "-c",
        "CREATE TABLE t AS SELECT generate_series(1, 1000) AS x",
      ])
    let watching = "until [ -e stop ]; do cat /proc/[0-9]*/cmdline; sleep 0.01; done >arguments 2>/dev/null"
    let watcher = try Program.start("/bin/sh", ["-c", watching], in: shop.folder)
    defer { watcher.process.end() }
    func run(_ arguments: String...) throws -> Program.Outcome {
      try Program.run(Program.belay().path, arguments + ["-v"], in: shop.folder, environment: environment)
    }
    var outcomes = [try run("backup")]
    #expect(outcomes[0].status == 0, "\(outcomes[0])")
    let id = try shop.latest()
    try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM t;\nSELECT missing;")
    outcomes.append(try run("migrate", "--yes", "--no-rehearse"))
    #expect(outcomes[1].status == 30, "\(outcomes[1])")
    // What failed is put back already: something must be there to be rolled back.
    try server.run("psql", ["-X", "-q", "-d", admin, "-c", "INSERT INTO t VALUES (0)"])
    outcomes.append(try run("rollback", id))
    let code = String(try #require(outcomes[2].output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(outcomes[2])").0)
    outcomes.append(try run("rollback", id, "--yes", "--confirm", code, "--json"))
    #expect(outcomes[3].status == 0, "\(outcomes[3])")
    outcomes += [try run("doctor"), try run("status"), try run("show", "latest", "--json")]
    try shop.write("", to: "stop")
    _ = try watcher.wait()
    for outcome in outcomes { #expect(!Self.tells(outcome.description), "\(outcome)") }
    let arguments = try Data(contentsOf: shop.folder.appending(path: "arguments"))
    #expect(arguments.firstRange(of: Data("--format=custom".utf8)) != nil, "pg_dump was not seen")
    #expect(!Self.tells(String(decoding: arguments, as: UTF8.self)))
    let unpacked = try Program.run(
      "/bin/sh",
      ["-c", "mkdir out && cd out && tar xf ../backups/\(id).tar && zstd -q -d --rm csv/*.zst *.sql.zst"],
      in: shop.folder)
    #expect(unpacked.status == 0, "\(unpacked)")
    for name in try FileManager.default.subpathsOfDirectory(atPath: shop.folder.path) {
      let file = shop.folder.appending(path: name)
      // A folder cannot be read.
      guard let data = try? Data(contentsOf: file) else { continue }
      #expect(!Self.tells(String(decoding: data, as: UTF8.self)), "\(name)")
    }
  }

  /// Of a password that no other test has: the arguments of all processes are looked at, those of other tests too.
  private static func tells(_ text: String) -> Bool { text.contains("0urs4lone") || text.contains("p@ss word") }

  @Test(
    "client programs that are too old are named, with what to install, and nothing is done", arguments: [true, false])
  func oldTools(byOption: Bool) throws {
    let shop = try PostgreSQLWorkspace()
    let before = try shop.dump()
    let tools = shop.folder.appending(path: "old")
    try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: false)
    for name in ["pg_dump", "pg_restore", "psql"] {
      try shop.write("#!/bin/sh\necho '\(name) (PostgreSQL) 9.6.24'\n", to: "old/\(name)")
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: tools.appending(path: name).path)
    }
    let options = byOption ? "\n    options:\n      tools_dir: \(tools.path)" : ""
    try shop.write("targets:\n  shop:\n    url: \(shop.url)\(options)\n", to: "belay.yaml")
    try shop.migration("1.sql", "CREATE TABLE a (x int);")
    // belay finds a distribution's by itself, but not those of a server from elsewhere.
    let isKnown = shop.server.programs.hasPrefix("/usr/lib/postgresql/")
    let path = [tools.path] + (isKnown ? [] : [shop.server.programs]) + ["/usr/bin", "/bin"]
    let environment = byOption ? [:] : ["PATH": path.joined(separator: ":")]
    let run = try shop.belay("migrate", "--yes", environment: environment)
    if byOption {
      #expect(run.status == 22, "\(run)")
      #expect(run.errors.contains("found: 9 in \(tools.path)"), "\(run)")
      #expect(run.errors.contains("postgresql-client-"), "\(run)")
      #expect(try shop.dump() == before)
      #expect(try shop.leftovers() == [])
    } else {
      // Those first in PATH do not fit, others do.
      #expect([0, 3].contains(run.status), "\(run)")
    }
    #expect(try shop.belay("status").status == (byOption ? 3 : 0))
  }

  @Test("a store that fills up in the middle of a dump leaves nothing behind", arguments: ["backup", "migrate"])
  func full(command: String) throws {
    let shop = try PostgreSQLWorkspace()
    try shop.psql(
      "CREATE TABLE big AS SELECT string_agg(md5(random()::text || i), '') AS x FROM generate_series(1, 60000) i GROUP BY i / 30"
    )
    try shop.migration("1.sql", "CREATE TABLE a (x int);")
    let before = try shop.dump()
    // No file may grow over 1 MiB: what a full disk does, for those who have only one.
    let script = "ulimit -f 1024; exec \"$0\" \"$@\""
    let more = command == "migrate" ? ["--yes"] : []
    let run = try Program.run(
      "/bin/bash", ["-c", script, Program.belay().path, command, shop.url] + more, in: shop.folder)
    #expect(run.status == 20, "\(run)")
    #expect(try shop.listing(shop.folder).filter { $0.contains(".tar") } == [], "\(run)")
    try shop.expectSound(before, run)
  }

  @Test("a role without rights on one table is refused before anything is done")
  func noRights() throws {
    let shop = try PostgreSQLWorkspace()
    let role = "poor_" + shop.database
    try shop.psql(
      """
      CREATE ROLE "\(role)" LOGIN CREATEDB;
      GRANT CREATE ON SCHEMA public TO "\(role)";
      GRANT ALL ON ALL TABLES IN SCHEMA public TO "\(role)";
      GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO "\(role)";
      REVOKE ALL ON customers FROM "\(role)";
      """)
    defer { _ = try? shop.psql("DROP OWNED BY \"\(role)\"; DROP ROLE \"\(role)\"") }  // it is the tests' own server
    try shop.migration("1.sql", "CREATE TABLE a (x int);")
    let before = try shop.dump()
    let url = shop.server.url(shop.database, user: role)
    for arguments in [["migrate", url, "--yes"], ["backup", url]] {
      let run = try Program.run(Program.belay().path, arguments, in: shop.folder)
      #expect([20, 22].contains(run.status), "\(run)")
      #expect(run.errors.contains("customers"), "\(run)")
      #expect(try shop.listing(shop.folder).filter { $0.contains(".tar") } == [], "\(run)")
    }
    try shop.expectSound(before, try shop.belay("status"))
  }
}
