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

extension DurationText {
  /// The same with `ms` too: `200ms`, `5s`. nil: it is none, or longer than a day.
  package static func milliseconds(_ text: String) -> Int? {
    let count = text.hasSuffix("ms") ? Int(text.dropLast(2)) : seconds(text).map { min($0, 86_401) * 1000 }
    return count.flatMap { (0...86_400_000).contains($0) ? $0 : nil }
  }

  /// "31 d", "26 h", "5 min": in the largest unit that leaves no rest.
  package static func text(_ seconds: Int) -> String {
    func isWhole(_ unit: Int) -> Bool { seconds >= unit && seconds % unit == 0 }
    if isWhole(86_400) { return "\(seconds / 86_400) d" }
    if isWhole(3600) { return "\(seconds / 3600) h" }
    return isWhole(60) ? "\(seconds / 60) min" : "\(seconds) s"
  }

  /// How old something is, as people say it.
  package static func age(_ seconds: Int) -> String {
    let minutes = max(0, seconds / 60)
    if minutes < 60 { return "\(minutes) min" }
    if minutes < 48 * 60 { return "\(minutes / 60) h" }
    return "\(minutes / 60 / 24) days"
  }
}

extension DurationText {
  /// How long something lasted: exact where it was short.
  package static func span(_ seconds: Int) -> String { seconds < 120 ? "\(max(0, seconds)) s" : age(seconds) }
}

extension DurationText {
  /// An estimate: "less than 1 s", "about 40 s", "about 12 min", "about 3 h".
  package static func about(_ seconds: Double) -> String {
    guard seconds >= 1 else { return "less than 1 s" }
    if seconds < 90 { return "about \(Int(seconds.rounded(.up))) s" }
    if seconds < 90 * 60 { return "about \(Int((seconds / 60).rounded(.up))) min" }
    return "about \(Int(clamping: Int((min(seconds, 1e12) / 3600).rounded(.up)))) h"
  }
}
