/// Versions that are whole numbers, of whatever length.
package enum NumberedVersions {
  /// The number without zeros before it; nil: it is none.
  package static func number(_ text: some StringProtocol) -> String? {
    guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    let digits = text.drop { $0 == "0" }
    return digits.isEmpty ? "0" : String(digits)
  }

  package static func precedes(_ a: some StringProtocol, _ b: some StringProtocol) -> Bool {
    guard let a = number(a), let b = number(b) else { return String(a) < String(b) }
    return a.count == b.count ? a < b : a.count < b.count
  }
}
