import BelayDrivers
import DriverTesting
import Testing

@Suite struct OpeningTests {
  @Test func `a database of a real server opens and answers`() throws {
    let server = try PostgreSQLServer.shared()
    let name = try server.makeDatabase()
    let connection = try BuiltDriver.open(name)
    defer { connection.close() }
    #expect(connection.traits.serverName == "PostgreSQL")
    #expect(try connection.values("SELECT current_database()", operation: Operation()) == [[.text(name)]])
  }
}
