import Foundation

/// How the names of a folder's migrations begin: a number that counts, or a moment. Read off the newest of them.
struct VersionForm: Equatable {
  private enum Kind: Equatable {
    /// With zeros before it up to so many digits.
    case counter(width: Int)
    /// In UTC, by this pattern.
    case moment(String)
    /// Since 1970, in so many parts of a second.
    case epoch(perSecond: Int)
  }

  private let kind: Kind

  static let counter4 = VersionForm(kind: .counter(width: 4))
  static let counter1 = VersionForm(kind: .counter(width: 1))
  static let seconds = VersionForm(kind: .moment("yyyyMMddHHmmss"))
  static let dieselSeconds = VersionForm(kind: .moment("yyyy-MM-dd-HHmmss"))

  private init(kind: Kind) { self.kind = kind }

  private static let patterns = [
    "yyyyMMddHHmmss", "yyyyMMddHHmm", "yyyyMMdd", "yyyy-MM-dd-HHmmss", "yyyy-MM-dd-HHmmss-0000", "yyyy-MM-dd",
  ]

  /// - Parameter version: of an existing migration, as its name has it.
  init(of version: some StringProtocol) {
    let version = String(version)
    if let pattern = Self.patterns.first(where: { Self.isMoment(version, $0) }) {
      kind = .moment(pattern)
    } else if version.count == 10, version.first == "1" {
      kind = .epoch(perSecond: 1)
    } else if version.count == 13, version.first == "1" {
      kind = .epoch(perSecond: 1000)
    } else {
      kind = .counter(width: version.first == "0" ? version.count : 1)
    }
  }

  /// The version that follows.
  /// - Parameter newest: of all that are there; nil: there is none.
  func next(after newest: String?, now: Date) -> String {
    let wanted: String
    switch kind {
    case .counter(let width):
      return Self.padded(newest.map { Self.incremented($0) } ?? "1", width)
    case .moment(let pattern): wanted = Self.formatter(pattern).string(from: now)
    case .epoch(let perSecond): wanted = String(Int64(now.timeIntervalSince1970 * Double(perSecond)))
    }
    guard let newest else { return wanted }
    // Two in one second, or a clock that is behind that of a colleague.
    let (a, b) = (Self.digits(newest), Self.digits(wanted))
    guard !NumberedVersions.precedes(a, b) else { return wanted }
    return Self.inPlace(Self.incremented(a), of: wanted)
  }

  private static func digits(_ text: String) -> String { text.filter { $0.isASCII && $0.isNumber } }

  /// With the hyphens of a pattern between the digits.
  private static func inPlace(_ digits: String, of pattern: String) -> String {
    var rest = padded(digits, Self.digits(pattern).count)[...]
    guard rest.count == Self.digits(pattern).count else { return String(rest) }
    return String(pattern.map { $0.isNumber ? rest.removeFirst() : $0 })
  }

  /// One more, of whatever length.
  static func incremented(_ number: String) -> String {
    var digits = Array(number.utf8)
    for index in digits.indices.reversed() {
      guard digits[index] == UInt8(ascii: "9") else {
        digits[index] += 1
        return String(decoding: digits, as: UTF8.self)
      }
      digits[index] = UInt8(ascii: "0")
    }
    return "1" + String(decoding: digits, as: UTF8.self)
  }

  private static func padded(_ number: String, _ width: Int) -> String {
    let bare = NumberedVersions.number(number) ?? number
    return String(repeating: "0", count: max(0, width - bare.count)) + bare
  }

  private static func isMoment(_ text: String, _ pattern: String) -> Bool {
    let zone = pattern.hasSuffix("-0000") ? "-0000" : ""
    guard text.count == pattern.count, text.hasSuffix(zone), text.first == "1" || text.first == "2",
      let moment = formatter(pattern).date(from: text)
    else { return false }
    return formatter(pattern).string(from: moment) == text
  }

  private static func formatter(_ pattern: String) -> DateFormatter {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.calendar = Calendar(identifier: .gregorian)
    formatter.timeZone = TimeZone(identifier: "UTC")
    formatter.isLenient = false
    formatter.dateFormat = pattern.replacing("-0000", with: "'-0000'")
    return formatter
  }
}
