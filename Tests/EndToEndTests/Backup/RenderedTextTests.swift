import Foundation
import Testing

@Suite("SQL text that the engine makes of its dump, and what a dump leaves out")
struct RenderedTextTests {
  private func members(_ shop: Workspace) throws -> String {
    try Program.run("/usr/bin/env", ["tar", "tf", "backups/\(shop.latest()).tar"], in: shop.folder).output
  }

  private func text(_ shop: Workspace) throws -> String {
    let script = "tar xOf backups/\(try shop.latest()).tar full_backup.sql.zst | zstd -dc"
    return try Program.run("/bin/sh", ["-c", script], in: shop.folder).output
  }

  @Test func `the SQL text comes out of the dump, which lies in the archive as it is and is read once`() throws {
    let shop = try Workspace.swapping()
    let run = try shop.belay("backup", "--verify", "read")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.calls().filter { $0 == "text" || $0 == "verify" } == ["text"])
    let members = try members(shop)
    #expect(members.contains("full_backup.dump\n"), "\(members)")
    #expect(try text(shop).hasPrefix("-- as the engine writes it\n"))
    let script = """
      set -e
      mkdir out && cd out
      tar xf ../backups/*.tar
      sha256sum --quiet -c SHA256SUMS
      zstd -q -dc full_backup.sql.zst | sqlite3 -bail text.db
      """
    let hand = try Program.run("/bin/sh", ["-c", script], in: shop.folder)
    #expect(hand.status == 0, "\(hand)")
    let out = shop.folder.appending(path: "out")
    #expect(try shop.dump(out.appending(path: "text.db")) == shop.dump())
    let manifest = try JSONSerialization.jsonObject(with: Data(contentsOf: out.appending(path: "manifest.json")))
    let records = try #require((manifest as? [String: Any])?["members"] as? [[String: Any]])
    let dump = try #require(records.first { $0["kind"] as? String == "native" })
    #expect(dump["compression"] as? String == "none")
    #expect(dump["bytes"] as? Int == dump["storedBytes"] as? Int)
    for level in ["manifest", "read", "restore"] {
      let verify = try shop.belay("verify", "latest", "--level", level)
      #expect(verify.status == 0, "\(verify)")
    }
  }

  @Test func `without a dump among the formats the host makes the SQL text of the rows`() throws {
    let shop = try Workspace.swapping()
    let run = try shop.belay("backup", "--formats", "sql,csv")
    #expect(run.status == 0, "\(run)")
    #expect(try !shop.calls().contains("dump"))
    #expect(try text(shop).contains("INSERT INTO \"orders\""))
  }

  @Test func `a dump that cannot be turned into text is no backup`() throws {
    let shop = try Workspace.swapping()
    let run = try shop.belay("backup", environment: ["SWAPS_DAMAGED": "1"])
    #expect(run.status == 21, "\(run)")
    #expect(run.errors.contains("the dump is damaged"), "\(run)")
    #expect(try shop.listing(shop.store).filter { $0.contains(".tar") } == [])
  }

  @Test(arguments: ["native,csv", "csv"])
  func `what no dump holds comes back, before the dump where that needs it and after it else`(formats: String) throws {
    let shop = try Workspace.swapping(
      schema: "CREATE TABLE _role (name); CREATE TABLE _setting (name); CREATE TABLE needs_role (x);" + Workspace.shop)
    let backup = try shop.belay("backup", "--formats", formats)
    #expect(backup.status == 0, "\(backup)")
    #expect(backup.output.contains("level restore"), "\(backup)")
    let run = try shop.belay("restore", "latest", "--into", "swaps:copy.db")
    #expect(run.status == 0, "\(run)")
    let copy = shop.folder.appending(path: "copy.db")
    #expect(try shop.sqlite("SELECT count(*) FROM sqlite_schema WHERE name LIKE '\\_%' ESCAPE '\\'", on: copy) == "2")
  }
}
