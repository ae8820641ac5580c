import DriverTesting
import Foundation
import Testing

/// What one gets from those who run servers for others: an owner who may create no databases, a pooler in front of the
/// server, a standby.
@Suite("PostgreSQL as a service")
struct PostgreSQLManagedTests {
  /// A shop whose owner has no right but that, and the owner's URL by way of a folder with a socket.
  private struct Owned {
    let shop: PostgreSQLWorkspace
    let role = PostgreSQLServer.freshName("owner")

    init(server: PostgreSQLServer? = nil) throws {
      shop = try PostgreSQLWorkspace(schema: "", server: server)
      try shop.server.psql("CREATE ROLE \(role) LOGIN; ALTER DATABASE \(shop.database) OWNER TO \(role)")
      try shop.server.psql(PostgreSQLWorkspace.shop, database: shop.database, user: role)
    }

    func url(folder: String? = nil, port: Int = 5432) -> String {
      shop.server.url(shop.database, user: role).replacing(shop.server.folder, with: folder ?? shop.server.folder)
        + "&port=\(port)"
    }

    /// A good migration is applied, and one that loses rows without a word is taken back.
    func expectMigrations(by url: String, location: SourceLocation = #_sourceLocation) throws {
      try shop.migration("1.sql", "ALTER TABLE customers ADD COLUMN vip boolean NOT NULL DEFAULT false;")
      let good = try shop.belay("migrate", url, "--yes")
      #expect(good.status == 3 && good.errors.contains("no scratch database"), "\(good)", sourceLocation: location)
      let before = try shop.dump()
      try shop.migration("2.sql", "DELETE FROM customers WHERE id = 1;")
      let losing = try shop.belay("migrate", url, "--yes")
      #expect(losing.status == 31 && losing.errors.contains("and proven"), "\(losing)", sourceLocation: location)
      #expect(try shop.dump() == before, sourceLocation: location)
    }
  }

  @Test("an owner without CREATEDB is told what is missing, and migrates without a rehearsal")
  func owner() throws {
    let owned = try Owned()
    try owned.expectMigrations(by: owned.url())
  }

  @Test(
    "pgbouncer in session mode is as good as the server, and in transaction mode it is named", arguments: [true, false])
  func pooler(keepsSessions: Bool) throws {
    let owned = try Owned()
    let bouncer = try PgBouncer(to: owned.shop.server, mode: keepsSessions ? "session" : "transaction")
    let url = owned.url(folder: bouncer.folder, port: 6432)
    if keepsSessions { return try owned.expectMigrations(by: url) }
    let before = try owned.shop.dump()
    try owned.shop.migration("1.sql", "DROP TABLE customers;")
    for arguments in [["backup", url], ["migrate", url, "--yes"]] {
      let run = try owned.shop.belay(arguments)
      #expect(run.status == 22 && run.errors.contains("transaction mode"), "\(run)")
    }
    #expect(try owned.shop.dump() == before)
  }

  @Test("a standby is backed up, and what would write to it is refused")
  func standby() throws {
    let server = try PostgreSQLServer(programs: PostgreSQLServer.shared().programs)
    let owned = try Owned(server: server)
    let standby = try PostgreSQLServer(
      programs: server.programs, settings: ["port = 5433"], standbyOf: server)
    defer { withExtendedLifetime(standby) {} }
    let url = owned.url(folder: standby.folder, port: 5433)
    let backup = try owned.shop.belay("backup", url)
    #expect([0, 3].contains(backup.status), "\(backup)")
    try owned.shop.migration("1.sql", "DROP TABLE customers;")
    let migrate = try owned.shop.belay("migrate", url, "--yes")
    #expect(migrate.status == 22 && migrate.errors.contains("is a standby"), "\(migrate)")
    // The archive is the primary's as well.
    let copy = try server.makeDatabase()
    let restore = try owned.shop.belay("restore", "latest", "--into", server.url(copy), "--yes")
    #expect([0, 3].contains(restore.status), "\(restore)")
    #expect(try server.dump(copy) == owned.shop.dump())
  }
}

/// A pooler in front of a server, on a socket of its own. Ends with this object.
private final class PgBouncer {
  let folder = "/tmp/belay-pool-" + UUID().uuidString.prefix(8)
  private let process = Process()

  init(to server: PostgreSQLServer, mode: String) throws {
    let files = FileManager.default
    try files.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    let settings = """
      [databases]
      * = host=\(server.folder)
      [pgbouncer]
      pool_mode = \(mode)
      unix_socket_dir = \(folder)
      listen_port = 6432
      auth_type = trust
      auth_file = \(folder)/users
      ignore_startup_parameters = extra_float_digits,options
      """
    try settings.write(toFile: folder + "/pool.ini", atomically: true, encoding: .utf8)
    let roles = try server.psql("SELECT rolname FROM pg_roles WHERE rolcanlogin").split(separator: "\n")
    try roles.map { "\"\($0)\" \"\"\n" }.joined().write(toFile: folder + "/users", atomically: true, encoding: .utf8)
    // It does not run as root.
    var command = ["/usr/sbin/pgbouncer", "-q", folder + "/pool.ini"]
    if geteuid() == 0 {
      try Compiler.run("chown", ["-R", "postgres", folder])
      command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + command
    }
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    try eventually(thereIs: URL(filePath: folder + "/.s.PGSQL.6432"))
  }

  deinit {
    // Milder signals may be blocked in the tests' children.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: folder)  // in the system's folder for temporary files
  }
}
