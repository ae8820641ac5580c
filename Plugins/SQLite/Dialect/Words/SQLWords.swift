/// Reads SQL text token by token, as SQLite's own tokenizer does: it only finds where words, strings and comments begin
/// and end.
package struct SQLWords {
  package enum Kind: Equatable {
    /// A keyword or a bare name or a number.
    case word
    /// A name in quotes: "…", `…` or […]; or a string, which SQLite accepts as a name in some places.
    case quoted
    /// ;
    case semicolon
    /// Any other single character.
    case symbol
    /// A string, name or comment that is not closed.
    case unterminated
  }

  package struct Word {
    package var kind: Kind
    /// Its range, in bytes.
    package var start: Int
    package var end: Int
    /// The text itself, borrowed.
    package let bytes: UnsafeRawBufferPointer

    /// The bare word is this keyword, written in capitals here.
    package func isWord(_ keyword: StaticString) -> Bool {
      guard kind == .word, keyword.utf8CodeUnitCount == bytes.count else { return false }
      return keyword.withUTF8Buffer { keyword in
        zip(keyword, bytes).allSatisfy { $0 == ($1 >= 0x61 && $1 <= 0x7a ? $1 - 0x20 : $1) }
      }
    }

    package func isSymbol(_ symbol: Unicode.Scalar) -> Bool {
      kind == .symbol && bytes.count == 1 && UInt32(bytes[0]) == symbol.value
    }

    /// The name without its quotes.
    package var name: String {
      guard kind == .quoted, bytes.count >= 2 else { return String(decoding: bytes, as: UTF8.self) }
      let quote = bytes[0]
      var unquoted: [UInt8] = []
      var index = 1
      while index < bytes.count - 1 {
        unquoted.append(bytes[index])
        index += bytes[index] == quote && quote != UInt8(ascii: "[") ? 2 : 1
      }
      return String(decoding: unquoted, as: UTF8.self)
    }
  }

  private let text: UnsafeRawBufferPointer
  package private(set) var position: Int

  /// Reads text from a byte on. The text must outlive the words.
  package init(_ text: UnsafeRawBufferPointer, from position: Int = 0) {
    self.text = text
    self.position = position
  }

  /// The next word, after skipping spaces and comments; nil at the end.
  package mutating func next() -> Word? {
    if let unterminated = skipSpace() { return unterminated }
    guard position < text.count else { return nil }
    let start = position
    let byte = text[position]
    switch byte {
    case UInt8(ascii: ";"):
      position += 1
      return word(.semicolon, from: start)
    case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
      return quoted(from: start, byte)
    case UInt8(ascii: "["):
      while position < text.count, text[position] != UInt8(ascii: "]") { position += 1 }
      guard position < text.count else { return word(.unterminated, from: start) }
      position += 1
      return word(.quoted, from: start)
    default:
      position += 1
      guard Self.isName(byte) else { return word(.symbol, from: start) }
      while position < text.count, Self.isName(text[position]) { position += 1 }
      return word(.word, from: start)
    }
  }

  /// Continues after the end of the line.
  package mutating func skipLine() {
    while position < text.count, text[position] != UInt8(ascii: "\n") { position += 1 }
  }

  private mutating func quoted(from start: Int, _ quote: UInt8) -> Word {
    position += 1
    while position < text.count {
      if text[position] == quote {
        position += 1
        guard position < text.count, text[position] == quote else { return word(.quoted, from: start) }
      }
      position += 1
    }
    return word(.unterminated, from: start)
  }

  /// - Returns: a comment that is not closed.
  private mutating func skipSpace() -> Word? {
    while position < text.count {
      let byte = text[position]
      let next = position + 1 < text.count ? text[position + 1] : 0
      if byte == 0x20 || (byte >= 0x09 && byte <= 0x0d && byte != 0x0b) {
        position += 1
      } else if byte == UInt8(ascii: "-"), next == UInt8(ascii: "-") {
        skipLine()
      } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
        let start = position
        position += 2
        while position + 1 < text.count,
          !(text[position] == UInt8(ascii: "*") && text[position + 1] == UInt8(ascii: "/"))
        { position += 1 }
        guard position + 1 < text.count else {
          position = text.count
          return word(.unterminated, from: start)
        }
        position += 2
      } else {
        return nil
      }
    }
    return nil
  }

  private func word(_ kind: Kind, from start: Int) -> Word {
    Word(kind: kind, start: start, end: position, bytes: UnsafeRawBufferPointer(rebasing: text[start..<position]))
  }

  /// Letters, digits, _, $ and everything outside ASCII. A period is a token of its own here; only SQLite's grammar
  /// joins it with the number or name next to it.
  private static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f, 0x24, 0x80...0xff: true
    default: false
    }
  }
}
