import BelayDriverKit

/// The statements of a text, each with the byte where it begins: the server would run several that are sent together in
/// one transaction of its own, and some refuse that.
///
/// Statements end where psql ends them: at a semicolon outside of quotes, comments, parentheses and the body of a
/// function that begins with BEGIN ATOMIC. Whether a statement is right is for the server to say, whatever its version.
struct StatementList {
  struct Entry {
    let offset: Int
    let text: String
  }

  private(set) var entries: [Entry] = []

  /// Text of a session; whether a backslash escapes in plain quotes is the session's to say.
  init(_ sql: String, _ link: Link) {
    self.init(sql, escapesInPlainQuotes: link.reported("standard_conforming_strings") == "off")
  }

  init(_ sql: String, escapesInPlainQuotes: Bool) {
    var sql = sql
    entries = sql.withUTF8 { bytes in
      var reader = StatementReader(bytes, escapesInPlainQuotes: escapesInPlainQuotes)
      var entries: [Entry] = []
      while let range = reader.next() {
        entries.append(Entry(offset: range.lowerBound, text: String(decoding: bytes[range], as: UTF8.self)))
      }
      return entries
    }
  }
}

/// Finds where statements begin and end.
private struct StatementReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let escapesInPlainQuotes: Bool
  private var index = 0
  /// The first word of a statement, and whether it makes a function: only there BEGIN opens a body.
  private var words = 0
  private var makesFunction = false
  private var depth = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, escapesInPlainQuotes: Bool) {
    self.bytes = bytes
    self.escapesInPlainQuotes = escapesInPlainQuotes
  }

  /// The next statement, from its first token to its last, without the semicolon. nil at the end.
  mutating func next() -> Range<Int>? {
    var start: Int?
    var end = index
    var parentheses = 0
    (words, makesFunction, depth) = (0, false, 0)
    while index < bytes.count {
      if skipSpace() { continue }
      let byte = bytes[index]
      if byte == UInt8(ascii: ";"), parentheses <= 0, depth == 0 {
        index += 1
        if let start { return start..<end }
        continue
      }
      if start == nil { start = index }
      switch byte {
      case UInt8(ascii: "("):
        parentheses += 1
        index += 1
      case UInt8(ascii: ")"):
        parentheses -= 1
        index += 1
      case UInt8(ascii: "'"): skipQuoted("'", escapes: escapesInPlainQuotes)
      case UInt8(ascii: "\""): skipQuoted("\"", escapes: false)
      case UInt8(ascii: "$"): skipDollar()
      default: if isWordStart(byte) { readWord(inParentheses: parentheses > 0) } else { index += 1 }
      }
      end = index
    }
    return start.map { $0..<end }
  }

  /// Space and comments, which nest.
  private mutating func skipSpace() -> Bool {
    let byte = bytes[index]
    if byte == UInt8(ascii: " ") || (9...13).contains(byte) {
      index += 1
      return true
    }
    if byte == UInt8(ascii: "-"), at(index + 1) == UInt8(ascii: "-") {
      while index < bytes.count, bytes[index] != 10, bytes[index] != 13 { index += 1 }
      return true
    }
    guard byte == UInt8(ascii: "/"), at(index + 1) == UInt8(ascii: "*") else { return false }
    var open = 0
    repeat {
      if bytes[index] == UInt8(ascii: "/"), at(index + 1) == UInt8(ascii: "*") {
        open += 1
        index += 2
      } else if bytes[index] == UInt8(ascii: "*"), at(index + 1) == UInt8(ascii: "/") {
        open -= 1
        index += 2
      } else {
        index += 1
      }
    } while open > 0 && index < bytes.count
    index = min(index, bytes.count)
    return true
  }

  /// A doubled quote ends one piece and begins the next, which comes to the same.
  private mutating func skipQuoted(_ quote: Unicode.Scalar, escapes: Bool) {
    index += 1
    while index < bytes.count {
      let byte = bytes[index]
      index += escapes && byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: quote) { break }
    }
    index = min(index, bytes.count)
  }

  /// `$tag$ … $tag$`, or a parameter, or a stray sign.
  private mutating func skipDollar() {
    var end = index + 1
    while let byte = at(end), isWordStart(byte) || (end > index + 1 && isDigit(byte)) { end += 1 }
    guard at(end) == UInt8(ascii: "$") else {
      index += 1
      return
    }
    let tag = bytes[index...end]
    var found = end + 1
    while found + tag.count <= bytes.count {
      if bytes[found] == UInt8(ascii: "$"), bytes[found..<found + tag.count].elementsEqual(tag) {
        index = found + tag.count
        return
      }
      found += 1
    }
    index = bytes.count
  }

  private mutating func readWord(inParentheses: Bool) {
    let start = index
    while let byte = at(index), isWordStart(byte) || isDigit(byte) || byte == UInt8(ascii: "$") { index += 1 }
    let word = bytes[start..<index]
    if word.count == 1, word.first.map({ $0 | 0x20 }) == UInt8(ascii: "e"), at(index) == UInt8(ascii: "'") {
      skipQuoted("'", escapes: true)
      return
    }
    words += 1
    // CREATE [OR REPLACE] FUNCTION
    if words == 1, !isWord(word, "create") { words = 5 }
    if words <= 4, isWord(word, "function") || isWord(word, "procedure") { makesFunction = true }
    guard makesFunction, !inParentheses else { return }
    if isWord(word, "begin") || depth > 0 && isWord(word, "case") {
      depth += 1
    } else if depth > 0, isWord(word, "end") {
      depth -= 1
    }
  }

  private func isWord(_ word: Slice<UnsafeBufferPointer<UInt8>>, _ name: StaticString) -> Bool {
    guard word.count == name.utf8CodeUnitCount else { return false }
    return zip(word, UnsafeBufferPointer(start: name.utf8Start, count: word.count)).allSatisfy { $0 | 0x20 == $1 }
  }

  private func at(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private func isWordStart(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_") || byte >= 0x80
  }
}
