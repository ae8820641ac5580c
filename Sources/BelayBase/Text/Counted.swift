/// A number with its noun: "1 row", "2 rows".
package enum Counted {
  package static func text(_ count: some BinaryInteger, _ noun: String) -> String {
    "\(count) \(count == 1 ? noun : noun + "s")"
  }

  /// "all 3 tables", "its only table"
  package static func all(_ count: some BinaryInteger, _ noun: String) -> String {
    count == 1 ? "its only \(noun)" : "all \(text(count, noun))"
  }

  /// A sum for people to read, of numbers that archives and drivers name: it ends at the largest number.
  package static func sum<Number: FixedWidthInteger>(_ numbers: some Sequence<Number>) -> Number {
    numbers.reduce(0) { sum, number in
      let (total, isTooLarge) = sum.addingReportingOverflow(number)
      return isTooLarge ? (number > 0 ? .max : .min) : total
    }
  }

  package static func rows(_ count: some BinaryInteger) -> String { text(count, "row") }
}
