import BelayDriverKit

/// The statements of a text, each with the byte where it begins: the server would run several that are sent together in
/// one transaction of its own, and some refuse that.
///
/// Statements end where psql ends them. Whether a statement is right is for the server to say, whatever its version.
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
    sql.withUTF8 { text in
      var words = SQLWords(UnsafeRawBufferPointer(text), escapesInPlainQuotes: escapesInPlainQuotes)
      var nesting = StatementNesting()
      var found: Range<Int>?
      while let word = words.next() {
        guard word.kind == .semicolon, nesting.isOutermost else {
          nesting.enter(word)
          found = (found?.lowerBound ?? word.start)..<word.end
          continue
        }
        add(found, of: text)
        found = nil
        nesting = StatementNesting()
      }
      add(found, of: text)
    }
  }

  private mutating func add(_ range: Range<Int>?, of text: UnsafeBufferPointer<UInt8>) {
    guard let range else { return }
    entries.append(Entry(offset: range.lowerBound, text: String(decoding: text[range], as: UTF8.self)))
  }
}
