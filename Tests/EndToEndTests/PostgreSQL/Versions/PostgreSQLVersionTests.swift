import DriverTesting
import Foundation
import Testing

/// The main job on every version of PostgreSQL that is installed, with what each version brought.
@Suite("Every version of PostgreSQL")
struct PostgreSQLVersionTests {
  static let versions = PostgreSQLServer.installedVersions

  /// Those that scripts/needs installs where CI=true.
  @Test(
    "15, 16, 17 and 18 are there",
    .enabled(if: ProcessInfo.processInfo.environment["BELAY_TEST_ALL_VERSIONS"] != nil))
  func present() { #expect(Set(Self.versions.map(\.major)).isSuperset(of: [15, 16, 17, 18]), "\(Self.versions)") }

  @Test("it is backed up, proven, migrated, rolled back, and restored elsewhere", arguments: versions)
  func mainJob(version: PostgreSQLServer.Version) throws {
    let server = try PostgreSQLServer(programs: version.programs)
    let features = VersionFeatures.of(version.major)
    let shop = try PostgreSQLWorkspace(server: server)
    for feature in features { try shop.psql(feature.schema) }
    let before = try shop.dump()
    // The client's programs of the server's version: an older pg_dump refuses a newer server.
    let environment = ["PATH": "\(version.programs):/usr/bin:/bin"]
    func belay(_ arguments: String...) throws -> Program.Outcome { try shop.belay(arguments, environment: environment) }

    let backup = try belay("backup", shop.url)
    #expect([0, 3].contains(backup.status), "\(backup)")
    let verify = try belay("verify", "latest", "--level", "restore")
    #expect([0, 3].contains(verify.status), "\(verify)")
    let copy = try server.makeDatabase()
    defer { try? server.dropDatabase(copy) }
    let restore = try belay("restore", "latest", "--into", server.url(copy), "--yes")
    #expect([0, 3].contains(restore.status), "\(restore)")
    #expect(try server.dump(copy) == before)

    // SQL that fails at its end, and rows that go without a word.
    try shop.migration("1.sql", features.map(\.migration).joined(separator: "\n") + "\nSELECT missing;")
    let failing = try belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(failing.status == 30, "\(failing)")
    // No transaction takes back what a sequence has given out.
    let afterFailing = try shop.dump()
    #expect(afterFailing.withoutSequenceValues == before.withoutSequenceValues)
    try shop.migration("1.sql", "DELETE FROM customers WHERE id = 1;")
    let losing = try belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(losing.status == 31 && losing.errors.contains("orders"), "\(losing)")
    #expect(try shop.dump() == afterFailing)

    try shop.migration("1.sql", features.map(\.migration).joined(separator: "\n"))
    let good = try belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(good.status), "\(good)")
    for feature in features {
      #expect(try shop.psql(feature.outcome.query) == feature.outcome.answer, "since \(feature.since)")
    }
    let plan = try belay("rollback", shop.latest())
    let code = String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)
    let back = try belay("rollback", shop.latest(), "--yes", "--confirm", code)
    #expect([0, 3].contains(back.status), "\(back)")
    #expect(try shop.dump() == afterFailing)
  }
}

extension String {
  fileprivate var withoutSequenceValues: String {
    split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("SELECT pg_catalog.setval(") }
      .joined(separator: "\n")
  }
}
