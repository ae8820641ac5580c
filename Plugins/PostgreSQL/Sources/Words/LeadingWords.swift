/// The first words of a statement, in upper case and without comments: enough to recognize its kind.
struct LeadingWords {
  /// No word after these matters.
  private static let most = 9

  /// Up to the first token that is not a word.
  private let words: [String]

  init(_ sql: String) {
    var sql = sql
    words = sql.withUTF8 { text in
      var reader = SQLWords(UnsafeRawBufferPointer(text))
      var words: [String] = []
      while words.count < Self.most, let word = reader.next(), word.kind == .word {
        words.append(String(decoding: word.bytes, as: UTF8.self).uppercased())
      }
      return words
    }
  }

  var first: String? { words.first }

  private func word(_ index: Int) -> String? { index < words.count ? words[index] : nil }

  /// The statement makes what was done before it permanent.
  var commits: Bool {
    switch first {
    case "COMMIT", "END": true
    case "PREPARE": word(1) == "TRANSACTION"
    default: false
    }
  }

  /// The statement opens, ends or divides a transaction, or must be its first.
  var controlsTransaction: Bool {
    switch first {
    case "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE": return true
    case "PREPARE": return word(1) == "TRANSACTION"
    case "SET":
      let isScoped = word(1) == "SESSION" || word(1) == "LOCAL"
      return ["TRANSACTION", "CHARACTERISTICS"].contains(word(isScoped ? 2 : 1))
    default: return false
    }
  }

  /// The statement changes nothing that lasts.
  var leavesNothing: Bool {
    guard let first else { return true }
    return [
      "SELECT", "TABLE", "VALUES", "SHOW", "SET", "RESET", "BEGIN", "START", "SAVEPOINT", "RELEASE", "DISCARD",
      "LISTEN",
      "UNLISTEN", "LOCK", "EXPLAIN", "ROLLBACK", "ABORT", "DECLARE", "FETCH", "MOVE", "CLOSE", "LOAD", "CHECKPOINT",
    ].contains(first)
  }

  /// The statement cannot be a query, and a read-only transaction would let it end that transaction, change the session, call
  /// what commits by itself, or write a file on the server.
  var isNoQuery: Bool {
    guard let first else { return false }
    return [
      "ABORT", "BEGIN", "CALL", "CHECKPOINT", "COMMIT", "COPY", "DEALLOCATE", "DISCARD", "DO", "END", "EXECUTE",
      "LISTEN", "LOAD", "LOCK", "NOTIFY", "PREPARE", "RELEASE", "RESET", "ROLLBACK", "SAVEPOINT", "SET", "START",
      "UNLISTEN",
    ].contains(first)
  }

  /// Outside a transaction the statement commits in several steps: if it fails, some of its effects may remain.
  var commitsInSteps: Bool {
    switch first {
    case "CALL", "DO", "VACUUM", "CLUSTER": true
    case "CREATE", "DROP", "REINDEX", "REFRESH", "ALTER":
      words.dropFirst().contains { ["CONCURRENTLY", "DATABASE", "TABLESPACE", "SYSTEM"].contains($0) }
    default: false
    }
  }
}
