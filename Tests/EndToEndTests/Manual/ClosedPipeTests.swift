import Foundation
import Testing

@Suite("belay … | head")
struct ClosedPipeTests {
  @Test("a reader that has gone is no error of any command that prints")
  func gone() throws {
    let shop = try Workspace()
    try shop.write(
      "targets: { shop: sqlite:shop.db }\nchecks: [{ row_count: { table: orders, min: 1 } }]\n", to: "belay.yaml")
    try shop.migration("1.sql", "UPDATE orders SET cents = cents + 1;")
    try #require(try shop.belay("migrate", "shop", "--yes").status == 0)
    try shop.migration("2.sql", "CREATE TABLE tags (name TEXT);")
    let driver = try Program.belay().deletingLastPathComponent().appending(path: "libbelay-driver-sqlite.so").path
    let commands = [
      ["--help"], ["help", "migrate"], ["--version"], ["--generate-completion-script", "bash"], ["list"],
      ["list", "--json"], ["show", "latest"], ["status"], ["status", "shop"], ["log"], ["log", "--verify"], ["check"],
      ["check", "--nagios"], ["doctor"], ["prune"], ["migrate", "--plan"], ["rollback", "latest", "--plan"],
      ["diff", "latest", "--data"], ["diff", "latest", "--table", "orders", "--as", "csv"],
      ["extract", "latest", "--table", "orders"], ["extract", "latest", "--table", "orders", "--as", "json"],
      ["extract", "latest", "--table", "orders", "--where", "id > 1"], ["verify", "latest"], ["driver", "list"],
      ["driver", "which", "sqlite"], ["driver", "info", driver], ["driver", "test", "--rules"], ["backup"],
      ["watch", "--count", "1"],
    ]
    let belay = try Program.belay().path
    for command in commands {
      let whole = try shop.belay(command)
      // The reader is gone before the first word, of both streams.
      let words = ([belay] + command).map { "'\($0)'" }.joined(separator: " ")
      let cut = try Program.run(
        "/bin/bash", ["-c", "{ sleep 0.1; \(words); } 2>&1 | true; exit ${PIPESTATUS[0]}"], in: shop.folder)
      #expect(cut.status == whole.status, "\(command): \(cut.status)\n\(whole)")
      #expect([0, 3].contains(whole.status), "\(command) \(whole)")
      #expect(cut.errors.isEmpty, "\(command) \(cut)")
    }
    // And a change goes on to its end.
    let change = try Program.run(
      "/bin/bash", ["-c", "{ '\(belay)' migrate shop --yes; } 2>&1 | true; exit ${PIPESTATUS[0]}"], in: shop.folder)
    #expect(change.status == 0, "\(change)")
    #expect(try shop.sqlite("SELECT count(*) FROM tags") == "0")
  }
}
