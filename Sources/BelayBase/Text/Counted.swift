/// A number with its noun: "1 row", "2 rows".
package enum Counted {
  package static func text(_ count: some BinaryInteger, _ noun: String) -> String {
    "\(count) \(count == 1 ? noun : noun + "s")"
  }

  package static func rows(_ count: some BinaryInteger) -> String { text(count, "row") }
}
