import DriverTesting
import Foundation
import Testing

@Suite("belay rollback")
struct RollbackTests {
  private func changedShop() throws -> (shop: Workspace, before: String, id: String) {
    let shop = try Workspace()
    let before = try shop.dump()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nDELETE FROM orders WHERE id < 11;")
    let run = try shop.belay("migrate", shop.url, "--yes")
    try #require([0, 3].contains(run.status), "\(run)")
    try shop.sqlite("INSERT INTO log VALUES ('later', 'by others'), ('later', 'too')")
    return (shop, before, try shop.latest())
  }

  private func code(_ run: Program.Outcome) throws -> String {
    String(try #require(run.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(run)").0)
  }

  @Test("without a terminal it prints plan, losses and code, exits 12, and changes nothing")
  func plan() throws {
    let (shop, _, id) = try changedShop()
    let now = try shop.dump()
    let run = try shop.belay("rollback", id)
    #expect(run.status == 12, "\(run)")
    #expect(run.errors.contains("table log: at least 2 of 2 rows"), "\(run)")
    #expect(run.errors.contains("10 rows come back"), "\(run)")
    #expect(try shop.dump() == now)
    #expect(try code(run) == code(try shop.belay("rollback", id)))
  }

  @Test("with the code it goes back, proves it, and can itself be undone")
  func there() throws {
    let (shop, before, id) = try changedShop()
    let now = try shop.dump()
    let run = try shop.belay("rollback", id, "--yes", "--confirm", try code(try shop.belay("rollback", id)))
    #expect(run.status == 0, "\(run)")
    #expect(try shop.dump() == before)
    let undo = run.lastLine
    #expect(undo.hasPrefix("belay rollback "), "\(run)")
    let safety = String(undo.split(separator: " ")[2])
    let again = try shop.belay("rollback", safety, "--yes", "--confirm", try code(try shop.belay("rollback", safety)))
    #expect(again.status == 0, "\(again)")
    #expect(try shop.dump() == now)
  }

  @Test("a wrong code, and one of before something more would be lost, exit 12")
  func wrong() throws {
    let (shop, _, id) = try changedShop()
    let old = try code(try shop.belay("rollback", id))
    #expect(try shop.belay("rollback", id, "--yes", "--confirm", "ROLLBACK_AAAAAAAA").status == 12)
    try shop.sqlite("CREATE TABLE even_later (x)")
    let now = try shop.dump()
    #expect(try shop.belay("rollback", id, "--yes", "--confirm", old).status == 12)
    #expect(try shop.dump() == now)
  }

  @Test("an archive of another database is refused")
  func other() throws {
    let (shop, _, id) = try changedShop()
    try shop.sqlite("CREATE TABLE x (y)", on: shop.folder.appending(path: "other.db"))
    let run = try shop.belay("rollback", id, "--target", "sqlite:other.db")
    #expect(run.status == 22, "\(run)")
    #expect(run.errors.contains("belongs to another database"))
  }

  @Test(
    "a program that holds the database open sees the state before, in both journal modes", arguments: ["wal", "delete"])
  func heldOpen(mode: String) throws {
    let (shop, _, id) = try changedShop()
    try shop.sqlite("PRAGMA journal_mode=\(mode)")
    let script = """
      (echo "SELECT 'first', count(*) FROM orders;"; echo ".shell touch held"; while [ ! -e stop ]; do sleep 0.05; done;
       echo "SELECT 'second', count(*) FROM orders;"; echo "PRAGMA integrity_check;") | sqlite3 shop.db
      """
    let holder = try Program.start("/bin/sh", ["-c", script], in: shop.folder)
    try eventually(thereIs: shop.folder.appending(path: "held"))
    let run = try shop.belay("rollback", id, "--yes", "--confirm", try code(try shop.belay("rollback", id)))
    #expect(run.status == 0, "\(run)")
    try shop.write("", to: "stop")
    #expect(try holder.wait().output == "first|90\nsecond|100\nok\n")
    #expect(try shop.sqlite("PRAGMA integrity_check") == "ok")
  }
}
