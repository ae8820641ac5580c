import BelayDriverKit

/// Names as SQL spells them.
enum SQLName {
  /// In quotes if it needs them.
  static func shown(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
    let begins = name.utf8.first.map { !(0x30...0x39).contains($0) } ?? false
    return isPlain && begins ? name : SQLQuote.name(name)
  }
}
