import Glibc

/// Cuts CSV into fields. Keeps the field that is not complete yet across pieces of text.
struct CSVFields {
  enum Event {
    /// The piece is used up.
    case more
    /// `content` is a field, and others follow on its line.
    case field
    /// `content` is the last field of its line.
    case endOfLine
    case malformed(String)
  }

  private enum State { case start, bare, quoted, quoteInQuotes }

  /// The field without its quotes, with doubled quotes replaced by single ones.
  private(set) var content: [UInt8] = []
  private(set) var isQuoted = false
  /// From 1. Line ends inside quotes count too.
  var line = 1
  private(set) var isAtLineStart = true
  /// The line of the last opening quote.
  private(set) var quoteLine = 1
  private var state = State.start

  var isInQuotes: Bool { state == .quoted }

  mutating func clear() {
    content.removeAll(keepingCapacity: true)
    isQuoted = false
  }

  /// Reads `bytes` from `position` on, to the end of a field.
  mutating func read(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> Event {
    while position < bytes.count {
      let byte = bytes[position]
      switch state {
      case .quoted:
        takeQuoted(bytes, &position)
      case .quoteInQuotes where byte == UInt8(ascii: "\""):
        content.append(byte)
        state = .quoted
        position += 1
      case .start, .bare, .quoteInQuotes:
        position += 1
        isAtLineStart = false
        if byte == UInt8(ascii: ",") { return end(.field) }
        if byte == UInt8(ascii: "\n") {
          isAtLineStart = true
          return end(.endOfLine)
        }
        if byte == UInt8(ascii: "\"") && state == .start {
          isQuoted = true
          quoteLine = line
          state = .quoted
          continue
        }
        if state == .quoteInQuotes { return .malformed("a closing quote is followed by something other than a comma") }
        if byte == UInt8(ascii: "\"") { return .malformed("a field that does not begin with a quote contains one") }
        content.append(byte)
        state = .bare
      }
    }
    return .more
  }

  private mutating func end(_ event: Event) -> Event {
    state = .start
    return event
  }

  /// Takes everything up to the next quote at once.
  private mutating func takeQuoted(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
    guard let start = rest.baseAddress else { return }
    let found = memchr(start, CInt(UInt8(ascii: "\"")), rest.count)
    let length = found.map { UnsafeRawPointer($0) - start } ?? rest.count
    let text = UnsafeRawBufferPointer(rebasing: rest[..<length])
    content.append(contentsOf: text)
    line += text.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    position += length
    if found != nil {
      state = .quoteInQuotes
      position += 1
    }
  }
}
