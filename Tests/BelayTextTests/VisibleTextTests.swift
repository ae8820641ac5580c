import Foundation
import Testing

@testable import BelayText

@Suite("Text of strangers is shown, not obeyed")
struct VisibleTextTests {
  @Test(
    "what a terminal would obey, or nobody would see, is an escape",
    arguments: [
      ("plain text, äöü, 漢字 and 👩‍👩‍👧", "plain text, äöü, 漢字 and 👩‍👩‍👧"),
      ("a\u{1B}]0;PWN\u{07}b\u{1B}[2J", "a\\x1b]0;PWN\\x07b\\x1b[2J"),
      ("a\nb\r\nc\td", "a\\nb\\r\\nc\\td"),
      ("\u{0}\u{7F}", "\\x00\\x7f"),
      // CSI and OSC in one byte each, as C1.
      ("\u{9B}31m\u{9D}x", "\\u{9b}31m\\u{9d}x"),
      ("a\u{202E}txt.exe", "a\\u{202e}txt.exe"),
      ("a\u{2066}b\u{2069}\u{200F}\u{061C}", "a\\u{2066}b\\u{2069}\\u{200f}\\u{61c}"),
      ("a\u{200B}\u{FEFF}\u{2060}\u{00AD}b", "a\\u{200b}\\u{feff}\\u{2060}\\u{ad}b"),
      ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
      ("\u{E0041}", "\\u{e0041}"),
      ("می‌خواهم ☎️", "می‌خواهم ☎️"),
      ("", ""),
    ])
  func line(text: String, shown: String) {
    #expect(VisibleText.line(text) == shown)
    #expect(VisibleText.line(shown) == shown)
  }

  @Test("no scalar of Unicode passes that moves a cursor or turns a line round")
  func everyScalar() {
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let shown = VisibleText.line(String(scalar)).unicodeScalars
      let isBad = { (scalar: Unicode.Scalar) in
        scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
          || [.lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
      }
      #expect(!shown.contains(where: isBad), "U+\(String(value, radix: 16))")
    }
  }

  @Test(
    "text of several lines keeps them, and nothing else",
    arguments: [
      ("one", ["one"]), ("a\nb", ["a", "b"]), ("a\r\nb\r", ["a", "b"]), ("\n", ["", ""]), ("", [""]),
      ("a\rb\n\u{1B}c", ["a\\rb", "\\x1bc"]),
    ])
  func lines(text: String, shown: [String]) {
    #expect(VisibleText.lines(text) == shown)
  }

  @Test("JSON stays the same value", arguments: ["a\u{7F}\u{9B}31m", "\u{202E}x\u{E0041}", "漢字 👩‍👩‍👧", "\"\\\n"])
  func json(text: String) throws {
    let json = String(decoding: try JSONEncoder().encode([text]), as: UTF8.self)
    let shown = VisibleText.json(json)
    #expect(!shown.unicodeScalars.contains(where: VisibleText.isHidden))
    #expect(try JSONDecoder().decode([String].self, from: Data(shown.utf8)) == [text])
  }
}
