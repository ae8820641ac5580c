import DriverTesting
import Foundation
import Testing

@Suite("A copy of a PostgreSQL database that cannot be dropped")
struct PostgreSQLCopyLeftTests {
  @Test("is named by the run, which ends with 3, and by status; once it can be, the next run drops it")
  func left() throws {
    let shop = try PostgreSQLWorkspace()
    // Databases are created and dropped from here; while it lets nobody in, they are not.
    let door = try shop.server.makeDatabase()
    defer { try? shop.server.dropDatabase(door) }
    try shop.write(
      "targets:\n  shop:\n    url: \(shop.url)\n    options: { maintenance_db: \(door) }\n", to: "belay.yaml")
    try shop.migration("1_slow.sql", "CREATE TABLE made (id int); \(shop.untilGo(inCopies: true))")
    let run = try shop.start("migrate", "--yes")
    try shop.waitForSession("\(shop.inScratch) AND wait_event = 'PgSleep'")
    let copy = try #require(try shop.leftovers().first)
    try shop.server.psql("ALTER DATABASE \(door) ALLOW_CONNECTIONS false")
    try shop.go()
    let outcome = try run.wait()
    #expect(outcome.status == 3, "\(outcome)")
    let line = try #require(
      outcome.errors.firstMatch(of: /left behind, because it could not be dropped: (.*)/), "\(outcome)")
    #expect(line.output.1.contains(copy), "\(outcome)")
    #expect(try shop.psql("SELECT count(*) FROM made") == "0")
    #expect(try shop.belay("status").output.contains(copy))
    #expect(try shop.leftovers() == [copy])
    try shop.server.psql("ALTER DATABASE \(door) ALLOW_CONNECTIONS true")
    let next = try shop.belay("backup")
    #expect(next.status == 0, "\(next)")
    #expect(try shop.leftovers() == [])
  }
}
