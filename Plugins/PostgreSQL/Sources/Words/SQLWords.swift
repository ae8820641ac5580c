/// Reads SQL text token by token, as PostgreSQL's own scanner does: it only finds where words, strings and comments
/// begin and end.
struct SQLWords {
  enum Kind: Equatable {
    /// A keyword, a bare name or a number.
    case word
    /// A name in quotes.
    case quotedName
    /// A string of any form.
    case string
    /// ;
    case semicolon
    /// A backslash outside quotes: not SQL, but the start of a psql command.
    case backslash
    /// Any other single character.
    case symbol
    /// A string, name or comment that is not closed.
    case unterminated
  }

  struct Word {
    var kind: Kind
    /// Its range, in bytes.
    var start: Int
    var end: Int
    /// The text itself, borrowed.
    let bytes: UnsafeRawBufferPointer

    /// The bare word is this keyword, written in capitals here.
    func isWord(_ keyword: StaticString) -> Bool {
      guard kind == .word, keyword.utf8CodeUnitCount == bytes.count else { return false }
      return keyword.withUTF8Buffer { keyword in
        zip(keyword, bytes).allSatisfy { $0 == ($1 >= 0x61 && $1 <= 0x7a ? $1 - 0x20 : $1) }
      }
    }

    func isSymbol(_ symbol: Unicode.Scalar) -> Bool {
      kind == .symbol && UInt32(bytes[0]) == symbol.value
    }
  }

  private let text: UnsafeRawBufferPointer
  private(set) var position: Int
  private let escapesInPlainQuotes: Bool

  /// Reads text from a byte on. The text must outlive the words.
  /// - Parameter escapesInPlainQuotes: a backslash escapes in '…' too, as with `standard_conforming_strings` off.
  init(_ text: UnsafeRawBufferPointer, from position: Int = 0, escapesInPlainQuotes: Bool = false) {
    self.text = text
    self.position = position
    self.escapesInPlainQuotes = escapesInPlainQuotes
  }

  /// The next word, after skipping spaces and comments; nil at the end.
  mutating func next() -> Word? {
    if let unterminated = skipSpace() { return unterminated }
    guard position < text.count else { return nil }
    let start = position
    let byte = text[position]
    switch byte {
    case UInt8(ascii: ";"): return single(.semicolon)
    case UInt8(ascii: "\\"): return single(.backslash)
    case UInt8(ascii: "'"): return string(from: start, escapes: escapesInPlainQuotes)
    case UInt8(ascii: "\""): return quotedName(from: start)
    case UInt8(ascii: "$"): return dollar(from: start)
    case 0x30...0x39:
      while position < text.count, Self.isLetter(text[position]) || Self.isDigit(text[position]) { position += 1 }
      return word(.word, from: start)
    default:
      guard Self.isLetter(byte) else { return single(.symbol) }
      return name(from: start)
    }
  }

  /// Continues at a later byte.
  mutating func skip(to position: Int) { self.position = max(self.position, position) }

  // MARK: Words

  private mutating func single(_ kind: Kind) -> Word {
    position += 1
    return word(kind, from: position - 1)
  }

  /// A bare name, or a prefix that says how to read the quoted text after it: E'…', B'…', X'…', N'…', U&'…', U&"…".
  private mutating func name(from start: Int) -> Word {
    let letter = text[start] | 0x20
    let next = byte(start + 1)
    if next == UInt8(ascii: "'"), "ebxn".utf8.contains(letter) {
      position = start + 1
      return string(from: start, escapes: letter == UInt8(ascii: "e"))
    }
    if letter == UInt8(ascii: "u"), next == UInt8(ascii: "&") {
      let quote = byte(start + 2)
      position = start + 2
      if quote == UInt8(ascii: "'") { return string(from: start, escapes: false) }
      if quote == UInt8(ascii: "\"") { return quotedName(from: start) }
      position = start
    }
    while position < text.count, Self.isNamePart(text[position]) { position += 1 }
    return word(.word, from: start)
  }

  private mutating func quotedName(from start: Int) -> Word {
    position += 1
    while position < text.count {
      if text[position] == UInt8(ascii: "\"") {
        position += 1
        guard byte(position) == UInt8(ascii: "\"") else { return word(.quotedName, from: start) }
      }
      position += 1
    }
    return word(.unterminated, from: start)
  }

  /// A string continues after a line end: 'a'⏎'b' is 'ab', and the first piece says how to read it.
  private mutating func string(from start: Int, escapes: Bool) -> Word {
    repeat {
      position += 1
      var isClosed = false
      while position < text.count, !isClosed {
        let byte = text[position]
        if byte == UInt8(ascii: "\\"), escapes {
          position += 2
        } else if byte == UInt8(ascii: "'") {
          position += 1
          if self.byte(position) == UInt8(ascii: "'") { position += 1 } else { isClosed = true }
        } else {
          position += 1
        }
      }
      guard isClosed else {
        position = min(position, text.count)
        return word(.unterminated, from: start)
      }
    } while escapes && goesOn()
    return word(.string, from: start)
  }

  /// If whitespace with a line end is followed by another quote, moves there.
  private mutating func goesOn() -> Bool {
    var ahead = position
    var hasLineEnd = false
    while ahead < text.count {
      let byte = text[ahead]
      if byte == 0x0a || byte == 0x0d {
        hasLineEnd = true
        ahead += 1
      } else if Self.isSpace(byte) {
        ahead += 1
      } else if byte == UInt8(ascii: "-"), self.byte(ahead + 1) == UInt8(ascii: "-") {
        while ahead < text.count, text[ahead] != 0x0a, text[ahead] != 0x0d { ahead += 1 }
      } else {
        break
      }
    }
    guard hasLineEnd, byte(ahead) == UInt8(ascii: "'") else { return false }
    position = ahead
    return true
  }

  /// $$…$$, $tag$…$tag$, $1 or a lone $.
  private mutating func dollar(from start: Int) -> Word {
    var tagEnd = start + 1
    if Self.isLetter(byte(tagEnd)) {
      while Self.isLetter(byte(tagEnd)) || Self.isDigit(byte(tagEnd)) { tagEnd += 1 }
    }
    guard byte(tagEnd) == UInt8(ascii: "$") else { return single(.symbol) }
    let tag = text[start...tagEnd]
    position = tagEnd + 1
    while position + tag.count <= text.count {
      if text[position] == UInt8(ascii: "$"), text[position..<position + tag.count].elementsEqual(tag) {
        position += tag.count
        return word(.string, from: start)
      }
      position += 1
    }
    position = text.count
    return word(.unterminated, from: start)
  }

  // MARK: Between words

  /// - Returns: a comment that is not closed.
  private mutating func skipSpace() -> Word? {
    while position < text.count {
      let byte = text[position]
      let next = self.byte(position + 1)
      if Self.isSpace(byte) {
        position += 1
      } else if byte == UInt8(ascii: "-"), next == UInt8(ascii: "-") {
        while position < text.count, text[position] != 0x0a, text[position] != 0x0d { position += 1 }
      } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
        if let unterminated = skipComment() { return unterminated }
      } else {
        return nil
      }
    }
    return nil
  }

  /// Comments nest.
  private mutating func skipComment() -> Word? {
    let start = position
    var depth = 0
    repeat {
      guard position + 1 < text.count else {
        position = text.count
        return word(.unterminated, from: start)
      }
      let pair = (text[position], text[position + 1])
      if pair == (UInt8(ascii: "/"), UInt8(ascii: "*")) {
        depth += 1
        position += 2
      } else if pair == (UInt8(ascii: "*"), UInt8(ascii: "/")) {
        depth -= 1
        position += 2
      } else {
        position += 1
      }
    } while depth > 0
    return nil
  }

  private func byte(_ position: Int) -> UInt8 { position < text.count ? text[position] : 0 }

  private func word(_ kind: Kind, from start: Int) -> Word {
    Word(kind: kind, start: start, end: position, bytes: UnsafeRawBufferPointer(rebasing: text[start..<position]))
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x41...0x5a, 0x61...0x7a, 0x5f, 0x80...0xff: true
    default: false
    }
  }

  private static func isNamePart(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "$") }
}
