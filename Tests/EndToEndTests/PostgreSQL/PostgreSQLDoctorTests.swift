import DriverTesting
import Foundation
import Testing

@Suite("doctor answers as migrate does, on PostgreSQL")
struct PostgreSQLDoctorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// NAME is the other user.
    var sql = ""
    var asOther = false
    var configuration = ""
    /// As the list names it.
    let line: String
    let says: String
    let statuses: Set<Int32>
  }

  static let cases = [
    Case(
      testDescription: "a user who may not read", sql: "CREATE ROLE NAME LOGIN", asOther: true, line: "failed   rights",
      says: "customers", statuses: [22]),
    Case(
      testDescription: "a user who may not create databases",
      sql: """
        CREATE ROLE NAME LOGIN; GRANT pg_read_all_data, pg_write_all_data TO NAME; GRANT CREATE ON SCHEMA public TO NAME
        """, asOther: true, line: "scratch copy", says: "may not create databases", statuses: [3]),
    Case(
      testDescription: "a check that cannot run", configuration: "checks: [{ name: c, sql: SELECT 1 FROM nowhere }]\n",
      line: "failed   checks", says: "nowhere", statuses: [22]),
  ]

  @Test(arguments: cases)
  func same(_ situation: Case) throws {
    let shop = try PostgreSQLWorkspace()
    let role = PostgreSQLServer.freshName("doctor")
    defer {
      // Else it goes with the server.
      if situation.asOther { _ = try? shop.psql("DROP OWNED BY \(role); DROP ROLE \(role)") }
    }
    let sql = situation.sql.replacing("NAME", with: role)
    if !sql.isEmpty { try shop.psql(sql) }
    let url = shop.server.url(shop.database, user: situation.asOther ? role : "postgres")
    try shop.write("targets: { shop: '\(url)' }\n" + situation.configuration, to: "belay.yaml")
    try shop.migration("1.sql", "CREATE TABLE tags (name text);")
    let doctor = try shop.belay("doctor")
    let migrate = try shop.belay("migrate", "--yes")
    #expect(situation.statuses.contains(doctor.status), "\(doctor)")
    #expect(doctor.output.contains(situation.line), "\(doctor)")
    #expect((doctor.errors + doctor.output).contains(situation.says), "\(doctor)")
    #expect(!doctor.output.contains("safely"), "\(doctor)")
    #expect(migrate.status == doctor.status, "\(doctor)\n\(migrate)")
    if doctor.status != 0 { #expect(migrate.errors.contains(situation.says), "\(migrate)") }
  }
}
