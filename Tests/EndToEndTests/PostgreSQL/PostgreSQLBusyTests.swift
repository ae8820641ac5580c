import DriverTesting
import Foundation
import Testing

@Suite("belay backup of a PostgreSQL database that others use all the time", .serialized)
struct PostgreSQLBusyTests {
  static let work = [
    (what: "they draw from sequences", sql: "INSERT INTO customers(name) VALUES ('x'); SELECT nextval('down');"),
    (what: "they empty tables", sql: "TRUNCATE log; INSERT INTO log VALUES ('now', 'x'); TRUNCATE a; TRUNCATE b;"),
  ]

  @Test("is proven, and nobody waits for it to end", arguments: work)
  func busy(_ work: (what: String, sql: String)) throws {
    let shop = try PostgreSQLWorkspace(
      schema: PostgreSQLWorkspace.shop
        + "CREATE SEQUENCE down INCREMENT -3; CREATE TABLE a (i int); CREATE TABLE b (i int);"
        + "CREATE TABLE done (n int);")
    try shop.write("\(work.sql)\nINSERT INTO done VALUES (1);\n", to: "work.sql")
    let bench = try Program.start(
      shop.server.programs + "/pgbench",
      ["-n", "-c", "2", "-t", "100000", "-R", "100", "-f", "work.sql", "--max-tries=100", shop.url], in: shop.folder)
    defer { kill(bench.process.processIdentifier, SIGKILL) }
    try eventually("the first work") { try shop.psql("SELECT count(*) > 5 FROM done") == "t" }
    for _ in 0..<3 {
      let began = ContinuousClock.now
      let run = try shop.belay("backup", shop.url)
      #expect(run.status == 0, "\(work.what): \(run)")
      #expect(ContinuousClock.now - began < .seconds(60), "\(work.what)")
    }
    #expect(bench.process.isRunning)
    try shop.stop(bench)
    #expect(try shop.leftovers() == [])
  }
}
