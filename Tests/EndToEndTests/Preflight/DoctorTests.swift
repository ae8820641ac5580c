import DriverTesting
import Foundation
import Testing

@Suite("doctor answers as migrate does")
struct DoctorTests {
  /// What is wrong, and how it is made so.
  enum Broken: String, CaseIterable, CustomTestStringConvertible {
    case interruptedRun = "a run that was interrupted"
    case storeIsFile = "a store that cannot be made"
    case wrongCheck = "a check that cannot run"
    case wrongLaterCheck = "a check for after the change that cannot run"
    case wrongAudit = "an audit query that cannot run"
    case failingCheck = "a check for before the change that fails"
    case noFolder = "no migrations folder"
    case wrongFile = "a file that controls the transaction itself"
    case changedFile = "a file that was changed after it was applied"
    case wrongDirective = "a directive that does not exist"

    var testDescription: String { rawValue }

    /// Words that both say.
    var said: String {
      switch self {
      case .interruptedRun: "interrupted"
      case .storeIsFile: "cannot be used: Not a directory"
      case .wrongCheck, .wrongLaterCheck, .wrongAudit: "no such table: nowhere"
      case .failingCheck: "expected no rows"
      case .noFolder: "migrations"
      case .wrongFile: "controls the transaction itself"
      case .changedFile: "was changed after it was applied"
      case .wrongDirective: "speed"
      }
    }

    func happen(to shop: Workspace) throws {
      func configure(_ checks: String) throws {
        try shop.write("targets: { shop: sqlite:shop.db }\n" + checks, to: "belay.yaml")
      }
      try configure("")
      try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
      switch self {
      case .interruptedRun:
        // Each journal line until the run is found interrupted: which line is of no interest here.
        for step in 5..<30 {
          let run = try shop.belay("migrate", "--yes", environment: ["BELAY_FAULT": "kill-both:\(step):after"])
          for _ in 0..<200 where try shop.belay("status").output.contains("running") { usleep(20_000) }
          if run.status == 137, try shop.belay("status").status == 11 { return }
          try shop.belay("recover")
        }
        Issue.record("no run was left interrupted")
      case .storeIsFile: try configure("store: shop.db/backups\n")
      case .wrongCheck: try configure("checks: [{ name: c, sql: SELECT 1 FROM nowhere }]\n")
      case .wrongLaterCheck: try configure("checks: [{ name: c, sql: SELECT 1 FROM nowhere, when: after }]\n")
      case .wrongAudit: try configure("audit: [{ name: c, sql: SELECT 1 FROM nowhere }]\n")
      case .failingCheck: try configure("checks: [{ name: c, sql: SELECT 1 FROM orders, when: before }]\n")
      case .noFolder: try FileManager.default.removeItem(at: shop.folder.appending(path: "migrations"))
      case .wrongFile: try shop.migration("2.sql", "BEGIN;\nDELETE FROM orders;\nCOMMIT;")
      case .changedFile:
        _ = try shop.belay("migrate", "--yes")
        try shop.migration("1.sql", "CREATE TABLE labels (name TEXT);")
      case .wrongDirective: try shop.migration("2.sql", "-- belay: speed high\nDELETE FROM orders;")
      }
    }
  }

  @Test("what would refuse a migration refuses doctor, with the same words and status", arguments: Broken.allCases)
  func same(broken: Broken) throws {
    let shop = try Workspace()
    try broken.happen(to: shop)
    let before = try shop.dump()
    let doctor = try shop.belay("doctor")
    let migrate = try shop.belay("migrate", "--yes")
    #expect(doctor.status == migrate.status && ![0, 3].contains(doctor.status), "\(doctor)\n\(migrate)")
    for run in [doctor, migrate] { #expect((run.errors + run.output).contains(broken.said), "\(run)") }
    #expect(!doctor.output.contains("safely") && !doctor.errors.contains("safely"), "\(doctor)")
    #expect(try shop.dump() == before)
  }

  @Test("a run at work is told by both")
  func atWork() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try shop.belay("backup", shop.url)
    let locks = shop.store.appending(path: "locks")
    let name = try #require(FileManager.default.contentsOfDirectory(atPath: locks.path).first)
    let holder = Process()
    holder.executableURL = URL(filePath: "/usr/bin/env")
    holder.arguments = ["flock", locks.appending(path: name).path, "sleep", "20"]
    try holder.run()
    defer { holder.end() }
    usleep(200_000)
    for command in ["doctor", "migrate"] {
      let run = try shop.belay([command, shop.url, "--yes"])
      #expect(run.status == 11 && run.errors.contains("another belay run is using"), "\(run)")
    }
  }

  @Test("a folder without any migration yet says nothing against the database")
  func noneYet() throws {
    let shop = try Workspace()
    let run = try shop.belay("doctor", shop.url)
    #expect(run.status == 0 && run.output.contains("migrations: none yet"), "\(run)")
  }

  @Test("doctor makes nothing, not even the store's folder, and says what is pending")
  func makesNothing() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    let before = try FileManager.default.subpathsOfDirectory(atPath: shop.folder.path).sorted()
    let run = try shop.belay("doctor", shop.url)
    #expect(run.status == 0 && run.output.contains("migrations: 1 migration to apply"), "\(run)")
    #expect(try FileManager.default.subpathsOfDirectory(atPath: shop.folder.path).sorted() == before)
  }
}
