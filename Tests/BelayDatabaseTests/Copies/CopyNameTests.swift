import BelayDatabase
import Foundation
import Testing

@Suite("Names of copies of tables")
struct CopyNameTests {
  /// 2026-11-20, 23:59 UTC.
  private static let day = Date(timeIntervalSince1970: 1_795_219_140)

  @Test(
    "have the table, the day in UTC and a number, and are cut between two characters",
    arguments: [
      ("orders", [], "_backup_orders_20261120"),
      ("orders", ["_backup_orders_20261120"], "_backup_orders_20261120_2"),
      ("orders", ["_backup_orders_20261120", "_backup_orders_20261120_2"], "_backup_orders_20261120_3"),
      (String(repeating: "a", count: 63), [], "_backup_" + String(repeating: "a", count: 46) + "_20261120"),
      // Of two bytes each: one more would be too long.
      ("x" + String(repeating: "ü", count: 40), [], "_backup_x" + String(repeating: "ü", count: 22) + "_20261120"),
      ("👩‍👩‍👧‍👧👩‍👩‍👧‍👧", [], "_backup_👩‍👩‍👧‍👧_20261120"),
    ])
  func name(table: String, taken: [String], expected: String) {
    let name = CopyName.of(table, on: Self.day) { taken.contains($0) }
    #expect(name == expected)
    #expect(name.utf8.count <= CopyName.longest)
  }
}
