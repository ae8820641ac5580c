import Foundation
import Testing

@testable import BelayChange

@Suite("The name of the next migration")
struct NameFormTests {
  private static let now = Date(timeIntervalSince1970: 1_795_962_622)  // 2026-11-29 14:30:22 UTC

  @Test(
    "goes on as the newest one is named",
    arguments: [
      (["0001_a.sql", "0009_b.sql"], "0010_x"), (["9_a.sql", "10_b.sql"], "11_x"), (["099-a.sql"], "100-x"),
      (["00001_a.sql"], "00002_x"), (["20250101120000_a.sql"], "20261129143022_x"),
      (["20250101_a.sql"], "20261129_x"), (["202501011200-a.sql"], "202611291430-x"),
      (["1700000000_a.sql"], "1795962622_x"), (["1700000000000_a.sql"], "1795962622000_x"),
      (["2025-01-01-120000_a"], "2026-11-29-143022_x"), (["2025-01-01-120000-0000_a"], "2026-11-29-143022-0000_x"),
      (["readme.sql"], "0001_x"), ([], "0001_x"), (["1.sql"], "2_x"), (["0000_init.sql"], "0001_x"),
      // Ten digits that are no time, and fourteen that are none.
      (["4000000000_a.sql"], "4000000001_x"), (["99999999999999_a.sql"], "100000000000000_x"),
    ])
  func next(names: [String], expected: String) throws {
    let form = NameForm(names, usual: .counter4)
    #expect(form.name(try MigrationTitle("x"), now: Self.now) == expected)
  }

  @Test(
    "comes after the newest one, also where that is of the same moment or a later one",
    arguments: [
      ("20261129143022_a.sql", "20261129143023_x"), ("20261231235959_a.sql", "20261231235960_x"),
      ("20261129_a.sql", "20261130_x"), ("2026-11-29-143022_a", "2026-11-29-143023_x"),
      ("1795962622_a.sql", "1795962623_x"),
    ])
  func later(newest: String, expected: String) throws {
    #expect(NameForm([newest], usual: .seconds).name(try MigrationTitle("x"), now: Self.now) == expected)
  }

  @Test(
    "a name that could not be a file's, or would mean another thing, is refused",
    arguments: [
      "", " ", "a/b", "../a", "a.sql", "a\nb", "a\u{0}b", "-a", "_a", "7_a", "2026", "V2__a", "down_a", "a_down", "a'b",
      "a\u{202E}b", String(repeating: "a", count: 151),
    ])
  func refused(title: String) {
    #expect(throws: (any Error).self) { _ = try MigrationTitle(title) }
  }

  @Test(
    "words become one name",
    arguments: [
      ("add posts", "add_posts"), ("  add   posts ", "add_posts"), ("größe", "größe"), ("2fa_tokens", "2fa_tokens"),
      ("add down payment", "add_down_payment"), ("undo_log", "undo_log"), ("markdown", "markdown"),
    ])
  func words(typed: String, expected: String) throws {
    #expect(try MigrationTitle(typed).text == expected)
  }
}
