/// A span of the calendar in restic's words: `2y5m7d3h`. A month is as long as the calendar says.
package struct CalendarSpan: Codable, Sendable, Equatable, CustomStringConvertible {
  package var years = 0
  package var months = 0
  package var days = 0
  package var hours = 0

  /// No part is larger: what is longer is a slip, and has no date.
  static let most = 100_000

  package init(years: Int = 0, months: Int = 0, days: Int = 0, hours: Int = 0) {
    self.years = years
    self.months = months
    self.days = days
    self.hours = hours
  }

  /// nil: it is none. Each unit may stand once.
  package init?(_ text: String) {
    var digits = ""
    var seen: Set<Character> = []
    for character in text {
      if character.isASCII, character.isNumber {
        digits.append(character)
        continue
      }
      guard let count = Int(digits), count <= Self.most, seen.insert(character).inserted else { return nil }
      switch character {
      case "y": years = count
      case "m": months = count
      case "d": days = count
      case "h": hours = count
      default: return nil
      }
      digits = ""
    }
    guard digits.isEmpty, !seen.isEmpty else { return nil }
  }

  package var isZero: Bool { self == CalendarSpan() }

  package var description: String {
    let parts = [(years, "y"), (months, "m"), (days, "d"), (hours, "h")].filter { $0.0 != 0 }
    return parts.isEmpty ? "0h" : parts.map { "\($0.0)\($0.1)" }.joined()
  }
}
