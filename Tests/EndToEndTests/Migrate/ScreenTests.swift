import Foundation
import Testing

@Suite("belay at terminals of several widths, as screens")
struct ScreenTests {
  /// A terminal as somebody has it.
  struct Terminal {
    let columns: Int
    var environment: [String: String] = [:]
    var isDumb: Bool { environment["TERM"] == "dumb" }
    var isColoured: Bool { !isDumb && environment["NO_COLOR"] == nil }
  }

  private static let terminals = [
    Terminal(columns: 60), Terminal(columns: 80), Terminal(columns: 200),
    Terminal(columns: 80, environment: ["TERM": "dumb"]), Terminal(columns: 80, environment: ["NO_COLOR": "1"]),
  ]

  @Test(
    "a migration: the estimate, the question, an answer that is none, and the command that undoes it as the last line")
  func migrate() throws {
    let shop = try Workspace()
    for (number, terminal) in Self.terminals.enumerated() {
      try shop.migration(
        "\(number).sql", "CREATE TABLE tags_\(number) (name TEXT);\nUPDATE orders SET cents = cents + 1;")
      let run = try shop.screens(
        ["migrate", shop.url], columns: terminal.columns,
        typing: [("[yes/NO]", "perhaps\n"), ("type yes or no:", "Y\n")], environment: terminal.environment)
      #expect(run.status == 0, "\(terminal) \(run.final)")
      let screen = run.final.joined(separator: "\n")
      // Said once, in full, at the beginning.
      let words = run.final.joined(separator: " ").replacing(#/ +/#, with: " ")
      #expect(words.contains(#/the run takes (less than|about) /#), "\(terminal)\n\(screen)")
      #expect(words.contains(number == 0 ? "guessed from the size" : "as measured with 2"), "\(terminal)\n\(screen)")
      #expect(words.contains("how long the change itself takes is not known yet") == (number == 0), "\(screen)")
      // The question is the last thing on the screen, and is asked again in the line below.
      try #require(run.asked.count == 2, "\(terminal)\n\(screen)")
      #expect(run.asked[0].last?.hasSuffix("[yes/NO]") == true, "\(run.asked[0])")
      #expect(run.asked[0].suffix(2).joined(separator: " ").contains("to \(shop.url)?"), "\(run.asked[0])")
      #expect(run.asked[1].last == "type yes or no:", "\(run.asked[1])")
      #expect(run.asked[1].dropLast().last?.hasSuffix("[yes/NO] perhaps") == true, "\(run.asked[1])")
      // Nothing of the lines that come and go is left, and none of them was broken by the terminal.
      #expect(run.broken.isEmpty, "\(terminal): \(run.broken)")
      #expect(
        !run.final.contains { $0.hasPrefix("...") || $0.contains("left in all") || $0.contains("[#") }, "\(screen)")
      #expect(
        run.seen.contains { $0.hasPrefix("...") && $0.contains("left in all") } == !terminal.isDumb, "\(run.seen)")
      #expect(run.raw.contains("\u{1B}") == !terminal.isDumb, "\(terminal)")
      #expect(run.raw.contains("\u{1B}[3") == terminal.isColoured, "\(terminal)")
      for phase in ["preflight", "backup", "verify", "rehearse", "apply"] {
        #expect(run.final.count { $0.hasPrefix("ok     \(phase) ") } == 1, "\(phase): \(screen)")
      }
      #expect(words.contains("orders 100 100 changed"), "\(screen)")
      #expect(
        run.final.suffix(4).contains { $0.hasPrefix("belay rollback 2") } && words.hasSuffix("-migrate"), "\(screen)")
    }
    #expect(try shop.sqlite("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'tags_%'") == "5")

    // A no in any case is a no, and the backup is offered.
    try shop.migration("9.sql", "CREATE TABLE late (name TEXT);")
    let declined = try shop.screens(["migrate", shop.url], columns: 60, typing: [("[yes/NO]", "No\n")])
    let words = declined.final.joined(separator: " ").replacing(#/ +/#, with: " ")
    #expect(declined.status == 1 && words.contains("`belay migrate --backup 2"), "\(words)")
    #expect(declined.broken.isEmpty, "\(declined.broken)")

    // What lists something is as wide as the terminal, and no id is broken.
    try shop.write(
      """
      targets: { shop: sqlite:shop.db }
      checks:
        - { name: orders that belong to nobody at all, sql: "SELECT * FROM orders WHERE customer > 1000" }
        - row_count: { table: orders, min: 1 }
      """, to: "belay.yaml")
    let id = try shop.latest()
    for command in [
      ["list"], ["status"], ["status", "shop"], ["check"], ["doctor"], ["show", id], ["log"], ["prune"],
    ] {
      let shown = try shop.screens(command, columns: 60)
      #expect(shown.broken.isEmpty, "\(command): \(shown.broken)")
      #expect([0, 3].contains(shown.status), "\(command): \(shown.final)")
      if command == ["list"] { #expect(shown.final.contains { $0.hasPrefix(id) }, "\(shown.final)") }
    }
  }
}
