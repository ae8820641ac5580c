import BelayDriverKit
import Testing

@Suite("Quoting and hex, for drivers")
struct SQLQuoteTests {
  @Test(
    "a quote within a name or a literal is doubled, also under an accent",
    arguments: ["plain", "it's", "a\"b", "'\u{301}", "\"\u{301}", ""])
  func doubled(text: String) {
    for (quote, quoted) in [("\"", SQLQuote.name(text)), ("'", SQLQuote.literal(text))] {
      let inner = quoted.unicodeScalars.dropFirst().dropLast()
      let undoubled = String(String.UnicodeScalarView(inner)).replacingScalars("\(quote)\(quote)", with: quote)
      #expect(quoted.unicodeScalars.first == quote.unicodeScalars.first)
      #expect(quoted.unicodeScalars.last == quote.unicodeScalars.first)
      #expect(undoubled == text)
      #expect(inner.count - text.unicodeScalars.count == text.unicodeScalars.count { String($0) == quote })
    }
  }

  @Test("brackets around a name double the closing one only")
  func brackets() { #expect(SQLQuote.name("a[b]c", quote: "[]") == "[a[b]]c]") }

  @Test("hex digits are two a byte, in lower case, and read back from either case")
  func hex() {
    let bytes = (UInt8.min ... .max).map { $0 }
    let text = Hex.text(bytes)
    #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff") && text.utf8.count == 512)
    #expect(Hex.bytes(text) == bytes)
    #expect(Hex.bytes(text.uppercased()) == bytes)
    #expect(Hex.text(10) == "0a")
    for bad in ["0", "0g", "é", " 0"] { #expect(Hex.bytes(bad) == nil) }
  }
}

extension String {
  /// By scalars: `replacing` would not see a quote under an accent.
  fileprivate func replacingScalars(_ pair: String, with one: String) -> String {
    var result = String.UnicodeScalarView()
    var rest = unicodeScalars[...]
    while let scalar = rest.first {
      let isPair = rest.prefix(2).elementsEqual(pair.unicodeScalars)
      if isPair { result.append(contentsOf: one.unicodeScalars) } else { result.append(scalar) }
      rest = rest.dropFirst(isPair ? 2 : 1)
    }
    return String(result)
  }
}
