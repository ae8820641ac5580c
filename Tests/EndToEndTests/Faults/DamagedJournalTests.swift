import Foundation
import Testing

@Suite("A damaged journal")
struct DamagedJournalTests {
  /// A shop whose run was cut off, and its journal damaged at a line. There is another database in the same store.
  private func damaged(line: Int) throws -> (shop: Workspace, journal: URL) {
    let shop = try Workspace()
    try shop.sqlite("CREATE TABLE t (x)", on: shop.folder.appending(path: "other.db"))
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    _ = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", environment: ["BELAY_FAULT": "kill-both:8:after"])
    let journal = shop.store.appending(path: "runs/\(try shop.latest())/journal.ndjson")
    try shop.statusWithoutRunning()
    var lines = try String(contentsOf: journal, encoding: .utf8).split(separator: "\n").map(String.init)
    lines[line] = "{\"seq\":"
    try shop.write(lines.joined(separator: "\n") + "\n", to: String(journal.path.dropFirst(shop.folder.path.count + 1)))
    return (shop, journal)
  }

  @Test(arguments: [0, 3])
  func `keeps nobody from another database of the same store, and its own is refused with the file's name`(line: Int)
    throws
  {
    let (shop, journal) = try damaged(line: line)
    let other = try shop.belay("backup", "sqlite:other.db")
    #expect(other.status == 0, "\(other)")
    for command in [["backup", shop.url], ["migrate", shop.url, "--yes"]] {
      let own = try Program.run(Program.belay().path, command, in: shop.folder)
      #expect(own.status == 11, "\(own)")
      #expect(own.errors.contains(journal.path), "\(own)")
      #expect(own.errors.contains("line \(line + 1)"), "\(own)")
    }
    let recovery = try shop.belay("recover")
    #expect(recovery.status == 40, "\(recovery)")
    #expect(recovery.errors.contains(journal.path), "\(recovery)")
    #expect(try shop.belay("status").output.contains(journal.path))
    // As the hint says.
    try FileManager.default.removeItem(at: journal)
    #expect(try [0, 3].contains(shop.belay("migrate", shop.url, "--yes").status))
  }

  @Test func `of a run that has ended is no hindrance`() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let name = "backups/runs/\(try shop.latest())/journal.ndjson"
    var lines = try String(contentsOf: shop.folder.appending(path: name), encoding: .utf8).split(separator: "\n")
    lines[1] = "nonsense"
    try shop.write(lines.joined(separator: "\n") + "\n", to: name)
    #expect(try shop.belay("backup", shop.url).status == 0)
    #expect(try shop.belay("status").status == 0)
  }
}
