/// Names and text in SQL.
public enum SQLQuote {
  /// A quoted name for any statement; closing quotes in the name are doubled.
  ///
  /// - Parameter quote: The quote character; two characters if the opening and the closing one differ, e.g. `[]`.
  public static func name(_ name: String, quote: String = "\"") -> String {
    guard let open = quote.first, let close = quote.last else { return name }
    return quoted(name, open, close)
  }

  /// Text as a literal: in single quotes, with quotes in the text doubled. For engines in which a backslash has no
  /// special meaning.
  public static func literal(_ text: some StringProtocol) -> String { quoted(text, "'", "'") }

  private static func quoted(_ text: some StringProtocol, _ open: Character, _ close: Character) -> String {
    var quoted = String(open)
    // By scalars: followed by a combining accent, a quote is a different character in Swift, but still a quote for the
    // engine.
    for scalar in text.unicodeScalars {
      quoted.unicodeScalars.append(scalar)
      if close.unicodeScalars.elementsEqual(CollectionOfOne(scalar)) { quoted.unicodeScalars.append(scalar) }
    }
    quoted.append(close)
    return quoted
  }
}
