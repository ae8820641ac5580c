/// A duration as people write it: a whole number with `s`, `m`, `min`, `h` or `d`, or `0`.
package enum DurationText {
  private static let units: [(String, Int)] = [("min", 60), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)]

  /// A century. What is longer is a slip, and a moment that far away has no date.
  package static let longestDays = 36_500

  /// nil: it is none, or longer than that.
  package static func seconds(_ text: String) -> Int? {
    if text == "0" { return 0 }
    guard let (unit, length) = units.first(where: { text.hasSuffix($0.0) }),
      let count = Int(text.dropLast(unit.count)), count >= 0,
      case (let seconds, false) = count.multipliedReportingOverflow(by: length), seconds <= longestDays * 86400
    else { return nil }
    return seconds
  }
}
