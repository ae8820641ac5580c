import DriverTesting
import Testing

@Suite("Copies of tables where DDL is in no transaction")
struct D1TableCopyTests {
  @Test func `are refused before anything is written, and there is nothing to list or to drop`() throws {
    let shop = try D1Workspace()
    let before = try shop.database.content()
    let run = try shop.belay("snapshot-table", "shop", "--table", "customers")
    #expect(run.status == 22 && run.errors.contains("cannot make or drop a table in a transaction"), "\(run)")
    #expect(run.errors.contains("belay backup --table"))
    for arguments in [["--list"], ["--prune"], ["--prune", "--confirm"]] {
      let run = try shop.belay(["snapshot-table", "shop"] + arguments)
      #expect(run.status == 0, "\(run)")
    }
    #expect(try shop.database.content() == before)
  }
}
