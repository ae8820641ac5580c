import Foundation
import Testing

@Suite("a limit of the system is an error with its name")
struct LimitTests {
  /// Runs belay in a shell that sets a limit first.
  private func run(_ limit: String, _ arguments: String, in shop: Workspace) throws -> Program.Outcome {
    let program = try Program.belay().path
    // It asks for reports of crashes, which take more memory than there is.
    let shell = "unset SWIFT_BACKTRACE; \(limit); exec '\(program)' \(arguments)"
    return try Program.run("/bin/sh", ["-c", shell], in: shop.folder)
  }

  private func hasName(_ run: Program.Outcome) {
    #expect(run.status < 128, "\(run)")
    for word in ["Fatal error", "hangs", "Program crashed", "has crashed"] {
      #expect(!run.description.contains(word), "\(run)")
    }
  }

  @Test("the size of files", arguments: ["0", "1", "8", "64", "200"])
  func fileSize(blocks: String) throws {
    let shop = try Workspace(
      schema: Workspace.shop + "CREATE TABLE big (x BLOB); INSERT INTO big VALUES (randomblob(300000));")
    try shop.migration("1.sql", "INSERT INTO big VALUES (randomblob(300000));")
    let before = try shop.dump()
    let program = try Program.belay().path
    for arguments in ["backup sqlite:shop.db", "migrate sqlite:shop.db --yes"] {
      // A pipe has no size: what belay says of it is not limited.
      let run = try Program.run(
        "/bin/sh", ["-c", "(ulimit -f \(blocks); '\(program)' \(arguments); echo \"exit $?\") 2>&1 | cat"],
        in: shop.folder)
      let status = try #require(run.lastLine.split(separator: " ").last.flatMap { Int($0) }, "\(run)")
      #expect(status > 0 && status < 128, "\(run)")
      #expect(!run.output.contains("signal") && !run.output.contains("crashed"), "\(run)")
      #expect(try shop.dump() == before)
    }
  }

  @Test("the number of open files", arguments: ["5", "8", "10", "12", "16", "24"])
  func openFiles(count: String) throws {
    let shop = try Workspace()
    let before = try shop.dump()
    let run = try run("ulimit -n \(count)", "backup sqlite:shop.db", in: shop)
    // Some need no more than that.
    if run.status != 0 { hasName(run) }
    #expect(try shop.dump() == before)
  }

  @Test("a full device", arguments: ["list --json", "doctor sqlite:shop.db --json", "--help"])
  func fullDevice(arguments: String) throws {
    let shop = try Workspace()
    let run = try Program.run(
      "/bin/sh", ["-c", "'\(try Program.belay().path)' \(arguments) >/dev/full"], in: shop.folder)
    #expect(run.status < 128, "\(run)")
  }

  @Test(
    "the address space: nothing hangs, and the driver is not to blame",
    arguments: [100, 115, 120, 130, 140, 160, 200, 300])
  func addressSpace(megabytes: Int) throws {
    let shop = try Workspace()
    let before = try shop.dump()
    let began = ContinuousClock.now
    for arguments in ["doctor sqlite:shop.db", "backup sqlite:shop.db"] {
      let run = try run("ulimit -v \(megabytes * 1024)", arguments, in: shop)
      #expect(!run.description.contains("hangs") && !run.description.contains("Program crashed"), "\(run)")
    }
    #expect(ContinuousClock.now - began < .seconds(120))
    #expect(try shop.dump() == before)
  }
}
