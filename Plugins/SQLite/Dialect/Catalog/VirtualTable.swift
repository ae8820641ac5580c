/// Where the content of a virtual table is, according to its statement.
package struct VirtualTable {
  /// It has rows that can be read and written through it.
  package private(set) var hasRows = true
  /// The content belongs to another table; the virtual table's index of it is rebuilt.
  package private(set) var isExternal = false
  /// It stores nothing that could be read back.
  package private(set) var isContentless = false

  package init(_ entry: Schema.Entry) {
    var sql = entry.sql
    let (module, content) = sql.withUTF8 { utf8 in
      var words = SQLWords(UnsafeRawBufferPointer(utf8))
      var (module, content): (String, String?) = ("", nil)
      var last: [String] = ["", "", ""]
      while let word = words.next() {
        if last[2].uppercased() == "USING", module.isEmpty { module = word.name.lowercased() }
        if last[1].lowercased() == "content", last[2] == "=" {
          content = word.bytes.first == UInt8(ascii: "'") ? String(word.text.dropFirst().dropLast()) : word.name
        }
        last = [last[1], last[2], word.text]
      }
      return (module, content)
    }
    if ["fts5vocab", "fts4aux"].contains(module) { hasRows = false }
    guard let content else { return }
    hasRows = false
    if content.isEmpty { isContentless = true } else { isExternal = true }
  }
}

extension SQLWords.Word {
  fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
