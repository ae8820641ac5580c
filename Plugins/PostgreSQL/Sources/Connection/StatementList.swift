import BelayDriverKit
import CPgQuery

/// The statements of a text, each with the byte where it begins: the server would run several that are sent together in
/// one transaction of its own, and some refuse that.
struct StatementList {
  struct Entry {
    let offset: Int
    let text: String
  }

  let entries: [Entry]

  /// The text must hold no NUL byte. What cannot be told apart, because a statement is wrong or newer than the reader, is
  /// for the server to say.
  init(_ sql: String) {
    entries =
      Self.split(sql, pg_query_split_with_parser) ?? Self.split(sql, pg_query_split_with_scanner)
      ?? [Entry(offset: 0, text: sql)]
  }

  private static func split(
    _ sql: String, _ splitter: (UnsafePointer<CChar>?) -> PgQuerySplitResult
  ) -> [Entry]? {
    let result = splitter(sql)
    defer { pg_query_free_split_result(result) }
    guard result.error == nil else { return nil }
    let bytes = sql.utf8
    var index = bytes.startIndex
    var offset = 0
    var entries: [Entry] = []
    for number in 0..<Int(result.n_stmts) {
      guard let statement = result.stmts[number]?.pointee else { return nil }
      let location = Int(statement.stmt_location)
      guard let start = bytes.index(index, offsetBy: location - offset, limitedBy: bytes.endIndex),
        let end = bytes.index(start, offsetBy: Int(statement.stmt_len), limitedBy: bytes.endIndex)
      else { return nil }
      (index, offset) = (end, location + Int(statement.stmt_len))
      entries.append(Entry(offset: location, text: String(sql[start..<end])))
    }
    return entries
  }
}
