/// Names and text as SQL has them.
public enum SQLQuote {
  /// A name in quotes, closing ones within it doubled: fit for any statement.
  ///
  /// - Parameter quote: What goes around it; two characters where opening and closing differ, e.g. `[]`.
  public static func name(_ name: String, quote: String = "\"") -> String {
    guard let open = quote.first, let close = quote.last else { return name }
    return quoted(name, open, close)
  }

  /// Text as a literal: in single quotes, those within doubled. For engines to which a backslash is a character like any
  /// other.
  public static func literal(_ text: some StringProtocol) -> String { quoted(text, "'", "'") }

  private static func quoted(_ text: some StringProtocol, _ open: Character, _ close: Character) -> String {
    var quoted = String(open)
    // By scalars: with an accent behind it, a quote is another character to Swift, and still a quote to the engine.
    for scalar in text.unicodeScalars {
      quoted.unicodeScalars.append(scalar)
      if close.unicodeScalars.elementsEqual(CollectionOfOne(scalar)) { quoted.unicodeScalars.append(scalar) }
    }
    quoted.append(close)
    return quoted
  }
}
