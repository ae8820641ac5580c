import DriverTesting
import Foundation
import Testing

@Suite("Signals while a command runs under guard")
struct GuardSignalTests {
  private func interrupted(
    _ shop: GuardedShop, _ number: Int32, trap: String = "", _ more: [String] = []
  ) throws -> Program.Outcome {
    let script = GuardedShop.script(
      "\(trap) sql 'DELETE FROM orders WHERE id = 1'; echo >working; i=0; while [ $i -lt 300 ]; do sleep 0.1; i=$((i+1)); done"
    )
    let run = try Program.start(
      Program.belay().path, ["guard", shop.url, "--yes", "--no-rehearse"] + more + ["--", "sh", "-c", script],
      in: shop.folder.folder)
    try eventually(thereIs: shop.folder.folder.appending(path: "working"))
    kill(run.process.processIdentifier, number)
    return try run.wait()
  }

  @Test(
    "the command gets it, the run goes back, proves it, and exits with the signal's code",
    arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func handedOn(number: Int32, status: Int32) throws {
    let shop = try GuardedShop(.sqlite)
    let before = try shop.dump()
    let run = try interrupted(shop, number, trap: "trap 'echo told >told; exit 1' INT TERM;")
    #expect(run.status == status, "\(run)")
    #expect(run.errors.contains("proven"), "\(run)")
    #expect(FileManager.default.fileExists(atPath: shop.folder.folder.appending(path: "told").path), "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test("a command that ignores it is ended after a while")
  func ignored() throws {
    let shop = try GuardedShop(.sqlite)
    let before = try shop.dump()
    let run = try interrupted(shop, SIGINT, trap: "trap '' INT;", ["--grace", "1s"])
    #expect(run.status == 130, "\(run)")
    #expect(run.errors.contains("does not end: ending it"), "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test("at a terminal the command is typed to, and Ctrl+C reaches it once")
  func terminal() throws {
    let shop = try GuardedShop(.sqlite)
    let before = try shop.dump()
    try shop.folder.write(
      GuardedShop.script(
        "trap 'echo x >>told' INT; printf 'name? '; read n; echo \"hello $n\"; sql 'CREATE TABLE t (x)'; echo working; while [ ! -e told ]; do sleep 0.1; done; exit 0"
      ),
      to: "slow.sh")
    let run = try shop.folder.atTerminal(
      ["guard", shop.url, "--yes", "--no-rehearse", "--", "sh", "slow.sh"],
      typing: [("name? ", "bob\n"), ("working", "\u{3}")])
    #expect(run.status == 130, "\(run)")
    #expect(run.output.contains("hello bob"), "\(run)")
    #expect(try String(contentsOf: shop.folder.folder.appending(path: "told"), encoding: .utf8) == "x\n")
    #expect(try shop.dump() == before)
  }

  @Test("a person who has seen what is lost can agree to it", arguments: [true, false])
  func agreed(agrees: Bool) throws {
    let shop = try GuardedShop(.sqlite)
    let run = try shop.folder.atTerminal(
      ["guard", shop.url, "--", "sh", "-c", GuardedShop.script("sql 'DELETE FROM orders WHERE id < 5'")],
      typing: [("all of this intended?", agrees ? "yes\n" : "no\n")] + (agrees ? [("run `", "yes\n")] : []))
    #expect(run.status == (agrees ? 0 : 31), "\(run)")
    #expect(run.output.contains(#/orders +100 +96 +-4/#), "\(run)")
    #expect(try shop.query("SELECT count(*) FROM orders") == (agrees ? "96" : "100"))
  }
}
