/// The words that a statement begins with, in upper case, comments left out: enough to tell what kind of statement it is.
struct LeadingWords: Sequence, IteratorProtocol {
  private var rest: Substring.UTF8View

  init(_ sql: some StringProtocol) { rest = Substring(sql).utf8 }

  var first: String? {
    var copy = self
    return copy.next()
  }

  /// nil at the first thing that is no word.
  mutating func next() -> String? {
    skipSpace()
    let word = rest.prefix { Self.isLetter($0) }
    guard !word.isEmpty else { return nil }
    rest = rest.dropFirst(word.count)
    return String(Substring(word)).uppercased()
  }

  /// The statement makes what was done before it permanent.
  var commits: Bool {
    var words = self
    switch words.next() {
    case "COMMIT", "END": return true
    case "PREPARE": return words.next() == "TRANSACTION"
    default: return false
    }
  }

  /// The statement opens, ends or divides a transaction, or must be its first.
  var controlsTransaction: Bool {
    var words = self
    switch words.next() {
    case "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE": return true
    case "PREPARE": return words.next() == "TRANSACTION"
    case "SET":
      var second = words.next()
      if second == "SESSION" || second == "LOCAL" { second = words.next() }
      return second == "TRANSACTION" || second == "CHARACTERISTICS"
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

  /// Outside a transaction the statement commits in several steps by itself: where it fails, some of it may stay.
  var commitsInSteps: Bool {
    var words = self
    switch words.next() {
    case "CALL", "DO", "VACUUM", "CLUSTER": return true
    case "CREATE", "DROP", "REINDEX", "REFRESH", "ALTER":
      for (index, word) in words.enumerated() where index < 8 {
        if word == "CONCURRENTLY" || word == "DATABASE" || word == "TABLESPACE" || word == "SYSTEM" { return true }
      }
      return false
    default: return false
    }
  }

  private mutating func skipSpace() {
    while let byte = rest.first {
      if byte == UInt8(ascii: " ") || (9...13).contains(byte) {
        rest.removeFirst()
      } else if rest.starts(with: "--".utf8) {
        rest = rest.drop { $0 != 10 && $0 != 13 }
      } else if rest.starts(with: "/*".utf8) {
        skipComment()
      } else {
        return
      }
    }
  }

  /// Comments nest.
  private mutating func skipComment() {
    var depth = 0
    repeat {
      if rest.starts(with: "/*".utf8) {
        depth += 1
        rest = rest.dropFirst(2)
      } else if rest.starts(with: "*/".utf8) {
        depth -= 1
        rest = rest.dropFirst(2)
      } else {
        rest = rest.dropFirst()
      }
    } while depth > 0 && !rest.isEmpty
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_") || byte >= 0x80
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
