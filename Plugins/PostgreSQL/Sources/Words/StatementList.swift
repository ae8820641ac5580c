import BelayDriverKit

/// The statements of a text, each with the byte where it begins: if several are sent together, the server runs them in
/// one implicit transaction, which some statements do not allow.
///
/// Statements end where psql ends them. Whether a statement is valid is decided by the server, whatever its version.
struct StatementList {
  struct Entry {
    let offset: Int
    let text: String
  }

  private(set) var entries: [Entry] = []

  /// For the text of a session, whose settings decide whether a backslash escapes in plain quotes.
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
