/// Finds where the statements of a script begin and end, without compiling them: this works for invalid ones too.
package struct ScriptReader {
  /// One statement, or one command line of SQLite's shell.
  package struct Piece {
    package var start: Int
    package var end: Int
    /// Line of the first word, from 1.
    package var line: Int
    /// A `.` command of the shell.
    package var isClient = false
    /// A string, name or comment in it is not closed.
    package var isUnterminated = false
    /// Borrowed from the script.
    package var bytes: UnsafeRawBufferPointer
    /// Its words; the contents of strings are not parsed.
    package var words: [SQLWords.Word]

    /// The word at a position, in capitals; empty if there is none or it is not a bare word.
    package func keyword(_ index: Int) -> String {
      guard index < words.count, words[index].kind == .word else { return "" }
      return words[index].name.uppercased()
    }
  }

  private let script: UnsafeRawBufferPointer
  private var words: SQLWords
  private var line = 1
  private var countedTo = 0

  /// Reads a script. The script must outlive the pieces.
  package init(_ script: UnsafeRawBufferPointer) {
    self.script = script
    // A byte order mark is not SQL; SQLite skips it too.
    let hasMark = script.count >= 3 && script[0] == 0xef && script[1] == 0xbb && script[2] == 0xbf
    words = SQLWords(script, from: hasMark ? 3 : 0)
  }

  /// The next statement that is not empty; nil at the end.
  package mutating func next() -> Piece? {
    while let first = words.next() {
      if first.kind == .semicolon { continue }
      if first.isSymbol("."), startsLine(first.start) { return clientLine(first.start) }
      return statement(first)
    }
    return nil
  }

  private mutating func statement(_ first: SQLWords.Word) -> Piece {
    var gathered: [SQLWords.Word] = []
    var trigger = TriggerBody()
    var word: SQLWords.Word? = first
    while let current = word {
      if current.kind == .semicolon, !trigger.isOpen { break }
      trigger.take(current)
      gathered.append(current)
      if current.kind == .unterminated { break }
      word = words.next()
    }
    let end = gathered.last?.end ?? first.end
    return Piece(
      start: first.start, end: end, line: line(of: first.start),
      isUnterminated: gathered.last?.kind == .unterminated,
      bytes: UnsafeRawBufferPointer(rebasing: script[first.start..<end]), words: gathered)
  }

  private mutating func clientLine(_ start: Int) -> Piece {
    words.skipLine()
    var end = words.position
    if end > start, script[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return Piece(
      start: start, end: end, line: line(of: start), isClient: true,
      bytes: UnsafeRawBufferPointer(rebasing: script[start..<end]), words: [])
  }

  private func startsLine(_ position: Int) -> Bool {
    position == 0 || script[position - 1] == UInt8(ascii: "\n") || (position == 3 && script[0] == 0xef)
  }

  private mutating func line(of position: Int) -> Int {
    while countedTo < position {
      if script[countedTo] == UInt8(ascii: "\n") { line += 1 }
      countedTo += 1
    }
    return line
  }
}

/// Follows CREATE TRIGGER … BEGIN …; …; END, whose semicolons do not end the statement: the rules of SQLite's
/// sqlite3_complete().
private struct TriggerBody {
  private enum State { case start, explain, create, body, semicolon, end, other }
  private var state = State.start

  /// A semicolon at this point belongs to the trigger.
  package var isOpen: Bool {
    switch state {
    case .body, .semicolon: true
    default: false
    }
  }

  package mutating func take(_ word: SQLWords.Word) {
    switch state {
    case .start:
      state = word.isWord("CREATE") ? .create : word.isWord("EXPLAIN") ? .explain : .other
    case .explain:
      if word.isWord("CREATE") {
        state = .create
      } else if !word.isWord("QUERY"), !word.isWord("PLAN") {
        state = .other
      }
    case .create:
      if word.isWord("TRIGGER") {
        state = .body
      } else if !word.isWord("TEMP"), !word.isWord("TEMPORARY") {
        state = .other
      }
    case .body, .end:
      state = word.kind == .semicolon ? .semicolon : .body
    case .semicolon:
      if word.isWord("END") { state = .end } else if word.kind != .semicolon { state = .body }
    case .other: break
    }
  }
}
