/// Finds where the statements of a script begin and end from the tokens alone: this works for statements, too, that the
/// grammar, or this library's older copy of it, does not accept.
struct ScriptReader {
  enum Kind: Equatable {
    case statement
    /// A command of psql's: `\copy`, `\i`, `\gexec` …
    case client
    /// COPY … FROM STDIN, with the rows that follow it.
    case copyFromClient
  }

  struct Piece {
    var kind: Kind
    /// Offset of the first word, in bytes.
    var start: Int
    /// Offset after the last word, without the separator.
    var end: Int
    /// COPY: where the statement itself ends.
    var statementEnd: Int
    /// Line of the first word, from 1.
    var line: Int
    /// Offset of a string, name or comment that is not closed.
    var unterminated: Int?
    /// The first few words; more are not needed.
    var opening: [SQLWords.Word] = []
    /// Offset of the word VALUES outside parentheses, if only words precede it.
    var values: Int?
  }

  private let script: UnsafeRawBufferPointer
  private var words: SQLWords
  private var line = 1
  private var countedTo = 0

  /// Reads a script. The script must outlive the pieces.
  init(_ script: UnsafeRawBufferPointer) {
    self.script = script
    // A byte order mark is not SQL; psql skips it too.
    let hasMark = script.count >= 3 && script[0] == 0xef && script[1] == 0xbb && script[2] == 0xbf
    words = SQLWords(script, from: hasMark ? 3 : 0)
  }

  /// The next statement that is not empty; nil at the end.
  mutating func next() -> Piece? {
    var nesting = StatementNesting()
    var piece: Piece?
    while true {
      let before = words
      guard let word = words.next() else { return piece }
      switch word.kind {
      case .backslash:
        // psql ends the words before it here, or runs them: `SELECT … \gexec`.
        if piece != nil {
          words = before
          return piece
        }
        return client(word)
      case .semicolon where nesting.isOutermost:
        guard let found = piece else { continue }
        return nesting.copiesFromClient ? withRows(found) : found
      default:
        var current = piece ?? Piece(kind: .statement, start: word.start, end: 0, statementEnd: 0, line: line(at: word))
        nesting.enter(word)
        if current.opening.count < 8 { current.opening.append(word) }
        if current.values == nil, nesting.isOutermost, word.isWord("VALUES") { current.values = word.start }
        current.end = word.end
        current.statementEnd = word.end
        if word.kind == .unterminated { current.unterminated = word.start }
        piece = current
      }
    }
  }

  private mutating func client(_ word: SQLWords.Word) -> Piece {
    var end = word.end
    while end < script.count, script[end] != 0x0a { end += 1 }
    words.skip(to: end)
    while end > word.end, script[end - 1] == 0x0d || script[end - 1] == 0x20 || script[end - 1] == 0x09 { end -= 1 }
    return Piece(kind: .client, start: word.start, end: end, statementEnd: end, line: line(at: word))
  }

  /// The rows begin on the next line, and end with a line of `\.` or at the end of the text.
  private mutating func withRows(_ copy: Piece) -> Piece {
    var piece = copy
    piece.kind = .copyFromClient
    var lineStart = words.position
    while lineStart < script.count, script[lineStart] != 0x0a { lineStart += 1 }
    lineStart += 1
    while lineStart < script.count {
      var lineEnd = lineStart
      while lineEnd < script.count, script[lineEnd] != 0x0a { lineEnd += 1 }
      let text = script[lineStart..<lineEnd]
      let next = min(lineEnd + 1, script.count)
      if text.elementsEqual("\\.".utf8) || text.elementsEqual("\\.\r".utf8) {
        piece.end = lineStart + 2
        words.skip(to: next)
        return piece
      }
      piece.end = lineEnd
      lineStart = next
    }
    words.skip(to: script.count)
    return piece
  }

  private mutating func line(at word: SQLWords.Word) -> Int {
    for position in countedTo..<word.start where script[position] == 0x0a { line += 1 }
    countedTo = word.start
    return line
  }
}
