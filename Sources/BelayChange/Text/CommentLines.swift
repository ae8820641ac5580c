/// The lines of a SQL text that hold nothing but a comment of the form `-- …`: where files say something about themselves.
///
/// Text in `/* … */` is commented out, such lines included. The text may be of any dialect, so quotes are read by
/// what all have in common: only they tell a `/*` in a string from the beginning of a comment.
package struct CommentLines: Sequence, IteratorProtocol {
  package struct Line: Equatable {
    /// From 1.
    package let number: Int
    /// What follows `--`, without spaces around it.
    package let text: String
  }

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var isAtLineStart = true

  package init(_ sql: String) { bytes = Array(sql.utf8) }

  package mutating func next() -> Line? {
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\n"):
        line += 1
        isAtLineStart = true
        position += 1
      case UInt8(ascii: " "), 0x09, 0x0B, 0x0C, 0x0D:
        position += 1
      case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"):
        let found = isAtLineStart ? Line(number: line, text: text(from: position + 2)) : nil
        skipLine()
        if let found { return found }
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
        skip(to: endOfComment(nested: true) ?? endOfComment(nested: false))
      case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
        skipString(byte)
      case UInt8(ascii: "$"):
        isAtLineStart = false
        skip(to: endOfDollarQuote())
      default:
        isAtLineStart = false
        position += 1
      }
    }
    return nil
  }

  private func peek(_ distance: Int) -> UInt8? {
    bytes.indices.contains(position + distance) ? bytes[position + distance] : nil
  }

  private func text(from start: Int) -> String {
    let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    let trimmed = bytes[start..<end].drop { Self.isSpace($0) }
    let last = trimmed.lastIndex { !Self.isSpace($0) }
    return last.map { String(decoding: trimmed[...$0], as: UTF8.self) } ?? ""
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  private mutating func skipLine() {
    position = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
  }

  /// - Parameter end: nil: what begins here does not end, and so is no more than one sign.
  private mutating func skip(to end: Int?) {
    let end = end ?? position + 1
    line += bytes[position..<end].count { $0 == UInt8(ascii: "\n") }
    position = end
  }

  /// Comments are nested in some dialects, and not in others: there a nested one has no end.
  private func endOfComment(nested: Bool) -> Int? {
    var depth = 1
    var index = position + 2
    while index + 1 < bytes.count {
      switch (bytes[index], bytes[index + 1]) {
      case (UInt8(ascii: "*"), UInt8(ascii: "/")):
        depth -= 1
        index += 2
        if depth == 0 { return index }
      case (UInt8(ascii: "/"), UInt8(ascii: "*")) where nested:
        depth += 1
        index += 2
      default:
        index += 1
      }
    }
    return nil
  }

  /// Some dialects take `\'` for a quote within the string, and in others the string ends there: what follows tells.
  private mutating func skipString(_ quote: UInt8) {
    isAtLineStart = false
    let takesEscapes = position > 0 && (bytes[position - 1] | 0x20) == UInt8(ascii: "e")
    var index = position + 1
    while index < bytes.count {
      let isEscaped = bytes[index] == UInt8(ascii: "\\") && index + 1 < bytes.count
      if isEscaped, takesEscapes || (bytes[index + 1] == quote && !endsValue(index + 2)) {
        index += 2
      } else if bytes[index] == quote {
        return skip(to: index + 1)
      } else {
        index += 1
      }
    }
    skip(to: nil)
  }

  private func endsValue(_ index: Int) -> Bool {
    guard index < bytes.count else { return true }
    return Self.isSpace(bytes[index])
      || [UInt8(ascii: ","), UInt8(ascii: ")"), UInt8(ascii: ";")].contains(bytes[index])
  }

  /// `$$ … $$` and `$tag$ … $tag$`.
  private func endOfDollarQuote() -> Int? {
    var end = position + 1
    while end < bytes.count, Self.isWord(bytes[end]) { end += 1 }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "$"), position == 0 || !Self.isWord(bytes[position - 1]) else {
      return nil
    }
    let tag = bytes[position...end]
    var index = end + 1
    while index + tag.count <= bytes.count {
      if bytes[index..<(index + tag.count)].elementsEqual(tag) { return index + tag.count }
      index += 1
    }
    return nil
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x80...0xFF: true
    default: false
    }
  }
}
