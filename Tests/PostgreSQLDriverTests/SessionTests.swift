import BelayDrivers
import DriverTesting
import Foundation
import Testing

@Suite struct SessionTests {
  /// psql, which sleeps in a database until it is ended.
  private func stranger(_ sample: Sample) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "\(sample.server.programs)/psql")
    process.arguments = ["-X", "-q", "-d", sample.server.url(sample.name), "-c", "SELECT pg_sleep(60)"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  @Test func `others' sessions are listed and ended, one's own are not`() throws {
    let sample = try Sample()
    let (connection, second) = (try sample.connect(), try sample.connect())
    try connection.lock("belay", operation: Operation())
    #expect(try connection.sessions(operation: Operation()) == [])
    let process = try stranger(sample)
    defer { process.end() }
    var found: [BelayDrivers.Session] = []
    try eventually {
      found = try connection.sessions(operation: Operation()) ?? []
      return found.first?.state == "active"
    }
    #expect(found.count == 1)
    #expect(found[0].user == "postgres")
    #expect(found[0].application == "psql")
    #expect(found[0].statement == "SELECT pg_sleep(60)")
    #expect(found[0].since?.wholeMatch(of: /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
    try connection.terminateSession(found[0].id, operation: Operation())
    process.waitUntilExit()
    try eventually { try connection.sessions(operation: Operation()) == [] }
    #expect(try failure { try connection.terminateSession(found[0].id, operation: Operation()) }.code == .notFound)
    #expect(try failure { try connection.terminateSession("1; x", operation: Operation()) }.code == .invalid)
    #expect(try second.first("SELECT 1") == .integer(1))
  }

  @Test func `another's session may be seen and not ended`() throws {
    let role = PostgreSQLServer.freshName("role")
    let sample = try Sample("CREATE ROLE \"\(role)\" LOGIN")
    defer { _ = try? sample.server.psql("DROP ROLE \"\(role)\"") }
    let connection = try sample.connect(user: role)
    let process = try stranger(sample)
    defer { process.end() }
    var found: [BelayDrivers.Session] = []
    try eventually {
      found = try connection.sessions(operation: Operation()) ?? []
      return found.count == 1
    }
    #expect(try failure { try connection.terminateSession(found[0].id, operation: Operation()) }.code == .denied)
    connection.close()
  }
}
