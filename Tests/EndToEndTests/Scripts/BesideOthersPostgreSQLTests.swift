import DriverTesting
import Foundation
import Testing

@Suite("scripts/beside-others, a round of it")
struct BesideOthersPostgreSQLTests {
  @Test("beside others who insert, empty, make, drop, refresh and hold snapshots, every good backup is called good")
  func rounds() throws {
    let folder = try TemporaryFolder()
    let programs = try PostgreSQLServer.shared().programs
    let run = try Program.run(
      "\(Compiler.repository)/scripts/beside-others",
      [
        "1", "--belay", Program.belay().path, "--programs", programs, "--megabytes", "2",
        // Other tests run at the same time.
        "--allowance", "10",
      ], in: URL(filePath: folder.path))
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("round 1: good"), "\(run)")
  }
}
