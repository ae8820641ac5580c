import CSQLite
import Glibc

/// What the text of a compiled statement shows, where SQLite itself does not tell.
package enum StatementKind {
  case rollback
  case pragma
  /// A DELETE without a condition.
  case deletionOfAll
  case other

  package init(_ statement: OpaquePointer) {
    self = .other
    guard let text = sqlite3_sql(statement) else { return }
    var words = SQLWords(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    guard let first = words.next() else { return }
    if first.isWord("ROLLBACK") {
      self = .rollback
    } else if first.isWord("PRAGMA") {
      self = .pragma
    } else if first.isWord("DELETE") {
      while let word = words.next() {
        if word.isWord("WHERE") || word.isWord("LIMIT") { return }
      }
      self = .deletionOfAll
    }
  }
}
