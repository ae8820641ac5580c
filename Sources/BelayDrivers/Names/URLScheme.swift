/// The part of a URL that names the driver: the text before the first colon.
enum URLScheme {
  /// In lower case; nil if the URL has none. A single letter is not a scheme, but a drive.
  static func of(_ url: String) -> String? {
    guard let colon = url.firstIndex(of: ":") else { return nil }
    let scheme = String(url[..<colon])
    return scheme.count > 1 && isValid(scheme) ? scheme.lowercased() : nil
  }

  /// RFC 3986: a letter, then letters, digits, "+", "-" or ".".
  static func isValid(_ scheme: String) -> Bool {
    guard let first = scheme.utf8.first, isLetter(first) else { return false }
    return scheme.utf8.allSatisfy { isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
