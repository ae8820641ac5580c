import CPgQuery
import Glibc

/// PostgreSQL's own parser, as a library. It knows the grammar of one version; newer syntax does not parse.
enum SyntaxParser {
  /// The server version whose grammar it knows.
  static let grammar = PG_MAJORVERSION

  struct Failure: Error {
    var message: String
  }

  /// The statements in a text.
  static func parse(_ sql: String) throws(Failure) -> [SyntaxNode] {
    let result = pg_query_parse(sql)
    defer { pg_query_free_parse_result(result) }
    if let error = result.error {
      throw Failure(message: error.pointee.message.map { String(cString: $0) } ?? "it does not parse")
    }
    guard let tree = result.parse_tree else { return [] }
    guard let node = JSONTree.read(UnsafeRawBufferPointer(start: tree, count: strlen(tree))) else {
      throw Failure(message: "it is nested too deeply for belay to analyze")
    }
    return node["stmts"].items.map { $0["stmt"] }
  }
}
