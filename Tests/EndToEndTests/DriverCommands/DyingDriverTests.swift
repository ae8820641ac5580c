import DriverTesting
import Foundation
import Testing

@Suite("A driver that dies at its work: named with the step, and the target comes back")
struct DyingDriverTests {
  /// A migration whose statement is where the driver dies.
  private func shop(_ options: String = "") throws -> Workspace {
    let shop = try Workspace.swapping()
    try shop.migration(
      "001_rope.sql", "\(options)ALTER TABLE customers ADD COLUMN phone TEXT;\nUPDATE customers SET phone = 'rope';")
    return shop
  }

  /// Without the traces that Swift writes of a crash where tests run.
  private func environment(_ dies: String) -> [String: String] {
    ["SWAPS_DIES": dies, "SWIFT_BACKTRACE": "enable=no"]
  }

  private func migrate(_ shop: Workspace, _ dies: String, _ options: String...) throws -> Program.Outcome {
    let arguments = ["migrate", "--yes"] + options
    return try Program.run(Program.belay().path, arguments, in: shop.folder, environment: environment(dies))
  }

  @Test(
    "during apply, in a transaction and outside of one",
    arguments: ["segfault", "abort", "exit"], ["", "-- belay: no-transaction\n"])
  func apply(how: String, directive: String) throws {
    let shop = try shop(directive)
    let before = try shop.dump()
    let run = try migrate(shop, "execute:\(how)", "--no-rehearse")
    #expect(run.status == 30, "\(run)")
    #expect(run.errors.contains("driver swaps ("), "\(run)")
    #expect(run.errors.contains("was at: apply 001_rope.sql, statement 1 of 1"), "\(run)")
    #expect(try shop.dump() == before)
    #expect(try shop.belay("status").status == 0)
    // It dies but once.
    let second = try migrate(shop, "execute:\(how)")
    #expect([0, 3].contains(second.status), "\(second)")
  }

  @Test("during the rehearsal, nothing has happened to the target")
  func rehearse() throws {
    let shop = try shop()
    let before = try shop.dump()
    let run = try migrate(shop, "execute:segfault")
    #expect(run.status != 0 && run.status != 40, "\(run)")
    #expect(run.errors.contains("was at: rehearse"), "\(run)")
    #expect(try shop.dump() == before)
    #expect(try shop.beside() == [], "\(run)")
  }

  @Test("during a dump, its rendering as SQL, and the reading of rows", arguments: ["dump", "text", "query"])
  func backup(call: String) throws {
    let shop = try Workspace.swapping()
    let before = try shop.dump()
    let run = try Program.run(
      Program.belay().path, ["backup"], in: shop.folder, environment: environment("\(call):segfault"))
    #expect(run.status != 0, "\(run)")
    #expect(run.errors.contains("driver swaps ("), "\(run)")
    #expect(try shop.dump() == before)
    #expect(try shop.belay("backup").status == 0)
  }

  @Test("during the promote of a rollback")
  func promote() throws {
    let shop = try shop()
    let before = try shop.dump()
    try #require(try [0, 3].contains(shop.belay("migrate", "--yes").status))
    let id = try shop.latest()
    let run = try shop.rollback(id, environment: environment("promote:segfault"))
    #expect(run.errors.contains("driver swaps ("), "\(run)")
    let recover = try shop.belay("recover")
    #expect(recover.status == 0, "\(recover)\n\(run)")
    #expect(try shop.dump() == before, "\(run)\n\(recover)")
  }

  @Test("one that loops is ended by hand, as Ctrl+C twice says, and the target comes back")
  func loops() throws {
    let shop = try shop()
    let before = try shop.dump()
    let running = try Program.start(
      Program.belay().path, ["migrate", "--yes", "--no-rehearse"], in: shop.folder,
      environment: environment("execute:loop"))
    try eventually(thereIs: shop.folder.appending(path: "died"))
    for _ in 0..<2 {
      kill(running.process.processIdentifier, SIGINT)
      usleep(300_000)
    }
    let worker = try #require(running.worker())
    kill(worker, SIGKILL)
    let run = try running.wait()
    #expect(run.errors.contains("kill -9 \(worker) starts another worker, which takes over"), "\(run)")
    #expect(run.status == 30, "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test("one that leaks goes on")
  func leaks() throws {
    let shop = try shop()
    let run = try migrate(shop, "execute:leak")
    #expect([0, 3].contains(run.status), "\(run)")
  }
}

extension Program.Running {
  /// The process that does the work.
  fileprivate func worker() -> Int32? {
    let pid = process.processIdentifier
    do {
      let children = try String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
      return children.split(separator: " ").compactMap { Int32($0) }.first
    } catch {
      return nil
    }
  }
}
