/// One form for all spellings of the same statement: no comments, and spaces only where they separate two words. Case
/// and quotes are kept, because they can matter.
package enum CanonicalSQL {
  package static func text(of sql: String) -> String {
    var sql = sql
    return sql.withUTF8 { utf8 in
      var words = SQLWords(UnsafeRawBufferPointer(utf8))
      var text: [UInt8] = []
      var previous: SQLWords.Word?
      while let word = words.next() {
        if let previous, needsSpace(previous, word) { text.append(UInt8(ascii: " ")) }
        text.append(contentsOf: word.bytes)
        previous = word
      }
      return String(decoding: text, as: UTF8.self)
    }
  }

  /// The statement with a semicolon that does not end up in a comment.
  package static func terminated(_ sql: String) -> String {
    var sql = sql
    let endsInComment = sql.withUTF8 { utf8 in
      var words = SQLWords(UnsafeRawBufferPointer(utf8))
      var end = 0
      while let word = words.next() { end = word.end }
      return end < utf8.count
    }
    return sql + (endsInComment ? "\n;" : ";")
  }

  /// The bare word occurs in the statement, outside strings, names in quotes, and comments.
  package static func contains(_ keyword: StaticString, in sql: String) -> Bool { count(keyword, in: sql) > 0 }

  /// How often the bare word occurs so.
  package static func count(_ keyword: StaticString, in sql: String) -> Int {
    var sql = sql
    return sql.withUTF8 { utf8 in
      var words = SQLWords(UnsafeRawBufferPointer(utf8))
      var count = 0
      while let word = words.next() {
        if word.isWord(keyword) { count += 1 }
      }
      return count
    }
  }

  /// A literal or a quoted name in the statement holds a carriage return. The sqlite3 shell drops it at the end of a line.
  package static func quotesCarriageReturn(_ sql: String) -> Bool {
    var sql = sql
    guard sql.utf8.contains(0x0d) else { return false }
    return sql.withUTF8 { utf8 in
      var words = SQLWords(UnsafeRawBufferPointer(utf8))
      while let word = words.next() {
        if word.kind == .quoted, word.bytes.contains(0x0d) { return true }
      }
      return false
    }
  }

  private static func needsSpace(_ left: SQLWords.Word, _ right: SQLWords.Word) -> Bool {
    let rightIsName = right.kind == .word || right.kind == .quoted
    if left.kind == .word || left.kind == .quoted { return rightIsName }
    return left.isSymbol(",") || (left.isSymbol(")") && rightIsName)
  }
}
