import BelayDrivers
import Foundation

/// A moment as databases store it. Without a time zone it is UTC.
struct StoredMoment {
  let date: Date

  /// nil: it is none.
  init?(_ value: Value) {
    switch value {
    case .integer(let number): date = Self.since1970(Double(number))
    case .real(let number):
      guard number.isFinite else { return nil }
      // Below that it is the number of days by which some engines count, from noon.
      date = number < 5_400_000 ? Date(timeIntervalSince1970: (number - 2_440_587.5) * 86_400) : Self.since1970(number)
    case .text(let text), .native(let text):
      guard let date = Self.parse(text) ?? Double(text).flatMap({ $0.isFinite ? Self.since1970($0) : nil }) else {
        return nil
      }
      self.date = date
    case .null, .bool, .blob: return nil
    }
  }

  /// In seconds, or in thousandths or millionths of them: a number so large is no second of this age.
  private static func since1970(_ number: Double) -> Date {
    let seconds = abs(number) >= 1e14 ? number / 1e6 : abs(number) >= 1e11 ? number / 1e3 : number
    return Date(timeIntervalSince1970: seconds)
  }

  /// `2026-11-20`, `2026-11-20 14:30:22.123456+01`, `2026-11-20T14:30Z`
  private static func parse(_ text: String) -> Date? {
    let form =
      #/^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)? ?(Z|z|UTC|[+-]\d{2}(?::?\d{2})?(?::?\d{2})?)?$/#
    guard let match = text.trimmingCharacters(in: .whitespaces).wholeMatch(of: form)?.output else { return nil }
    func number(_ part: Substring?) -> Int { part.flatMap { Int($0) } ?? 0 }
    var calendar = Calendar(identifier: .gregorian)
    guard let utc = TimeZone(secondsFromGMT: 0) else { return nil }
    calendar.timeZone = utc
    let parts = DateComponents(
      year: number(match.1), month: number(match.2), day: number(match.3), hour: number(match.4),
      minute: number(match.5), second: number(match.6))
    guard let base = calendar.date(from: parts) else { return nil }
    let fraction = match.7.flatMap { Double("0." + $0) } ?? 0
    return base.addingTimeInterval(fraction - Double(offset(match.8)))
  }

  private static func offset(_ zone: Substring?) -> Int {
    guard let zone, let sign = zone.first, sign == "+" || sign == "-" else { return 0 }
    let digits = zone.filter(\.isNumber).map { Int(String($0)) ?? 0 } + [0, 0, 0, 0, 0, 0]
    let seconds = (digits[0] * 10 + digits[1]) * 3600 + (digits[2] * 10 + digits[3]) * 60 + digits[4] * 10 + digits[5]
    return sign == "-" ? -seconds : seconds
  }
}
