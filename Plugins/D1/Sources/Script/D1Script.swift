import BelayDriverKit
import SQLiteDialect

/// How a script is sent: which statements, and by which of D1's two methods.
struct D1Script {
  /// How statements are sent to D1.
  enum Way: Equatable {
    /// One call of /raw: one implicit transaction, with a limited number of statements.
    case call
    /// A file for /import: of any size, and never split at the semicolons of triggers; not a transaction.
    case file
  }

  struct Piece {
    var sql: String
    var offset: Int
    var line: Int
    var verb: String
    /// It changes nothing, and can be repeated.
    var isReading: Bool
    var isTrigger: Bool
    /// A PRAGMA that has an effect only at the top of a file.
    var isPragma: Bool
  }

  /// A script with more statements than this is sent as a file.
  private static let statementsPerCall = 200

  private(set) var pieces: [Piece] = []

  /// Parses a script. Refuses, before anything is sent, what D1 would refuse halfway.
  init(_ sql: String) throws(DriverFailure) {
    var sql = sql
    let result = sql.withUTF8 { utf8 in
      Result { () throws(DriverFailure) in try Self.pieces(of: UnsafeRawBufferPointer(utf8)) }
    }
    pieces = try result.get()
  }

  /// Parses statements that must run as a unit. A failure says which of them is refused.
  init(_ statements: [String]) throws(DriverFailure) {
    for (index, sql) in statements.enumerated() {
      do throws(DriverFailure) {
        pieces += try D1Script(sql).pieces
      } catch {
        var failure = error
        failure.statement = index
        throw failure
      }
    }
  }

  /// A script with a trigger, one that turns foreign keys off, or a long one is sent as a file; all others as one call.
  var way: Way {
    let bytes = pieces.reduce(0) { $0 + $1.sql.utf8.count }
    let isFile =
      pieces.contains(where: \.isTrigger) || turnsForeignKeysOff || bytes > Limits.callBytes
      || pieces.count > Self.statementsPerCall
    return isFile ? .file : .call
  }

  /// It changes nothing.
  var isReading: Bool { pieces.allSatisfy(\.isReading) }

  /// At its top, where it has an effect in a file for /import, but not in /query. Alone it has no effect.
  private var turnsForeignKeysOff: Bool {
    let top = pieces.prefix { $0.isPragma }
    return top.count < pieces.count && top.contains { $0.verb == "PRAGMA foreign_keys" }
  }

  private static func pieces(of script: UnsafeRawBufferPointer) throws(DriverFailure) -> [Piece] {
    var reader = ScriptReader(script)
    var pieces: [Piece] = []
    while let piece = reader.next() {
      if let refusal = D1Rules.refusal(of: piece) {
        throw DriverFailure(
          refusal.code, "line \(piece.line): \(refusal.message)", hint: refusal.hint, sqlOffset: piece.start)
      }
      guard let sql = String(validating: piece.bytes, as: UTF8.self) else {
        throw DriverFailure(.sql, "line \(piece.line): the statement is not UTF-8", sqlOffset: piece.start)
      }
      pieces.append(
        Piece(
          sql: sql, offset: piece.start, line: piece.line,
          verb: piece.setsForeignKeys == false ? "PRAGMA foreign_keys" : piece.verb,
          isReading: D1Rules.isReading(piece), isTrigger: D1Rules.isTrigger(piece),
          isPragma: piece.keyword(0) == "PRAGMA"))
    }
    return pieces
  }
}

/// What is known about a statement before it is sent.
enum D1Rules {
  struct Refusal {
    var code: DriverFailure.Code
    var rule: String
    var message: String
    var hint: String
  }

  /// Why D1 would refuse or wrongly split a statement; nil for statements that may be sent.
  static func refusal(of piece: ScriptReader.Piece) -> Refusal? {
    if piece.isClient {
      return Refusal(
        code: .sql, rule: "client-command", message: "a command of the sqlite3 shell, not SQL", hint: "remove it")
    }
    if piece.isUnterminated {
      return Refusal(
        code: .sql, rule: "unterminated", message: "a string, a quoted name or a comment is not closed",
        hint: "close it")
    }
    if piece.bytes.count > Limits.statementBytes {
      return Refusal(
        code: .sql, rule: "statement-too-long",
        message: "the statement has \(piece.bytes.count) bytes, and D1 accepts at most \(Limits.statementBytes)",
        hint: "split it, for example into several INSERTs")
    }
    switch piece.keyword(0) {
    case "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE":
      return Refusal(
        code: .sql, rule: "transaction", message: "D1 does not let SQL use \(piece.keyword(0))",
        hint: "remove BEGIN and COMMIT from the file; if it fails, belay rolls back with Time Travel")
    case "ATTACH", "DETACH", "VACUUM":
      return Refusal(
        code: .denied, rule: "not-on-d1", message: "D1 does not let SQL use \(piece.keyword(0))", hint: "remove it")
    default: break
    }
    guard piece.keyword(0) == "CREATE", ["TEMP", "TEMPORARY"].contains(piece.keyword(1)) else { return nil }
    return Refusal(
      code: .denied, rule: "temporary", message: "D1 has no temporary tables, views and triggers",
      hint: "use an ordinary table and drop it at the end")
  }

  /// The words with which SQLite's statements begin (https://www.sqlite.org/lang.html).
  private static let verbs: Set<String> = [
    "ALTER", "ANALYZE", "ATTACH", "BEGIN", "COMMIT", "CREATE", "DELETE", "DETACH", "DROP", "END", "EXPLAIN", "INSERT",
    "PRAGMA", "REINDEX", "RELEASE", "REPLACE", "ROLLBACK", "SAVEPOINT", "SELECT", "UPDATE", "VACUUM", "VALUES", "WITH",
  ]

  /// - Parameter word: the first one of a statement, in capitals.
  static func isStatement(_ word: String) -> Bool { verbs.contains(word) }

  /// It changes nothing.
  static func isReading(_ piece: ScriptReader.Piece) -> Bool {
    switch piece.verb {
    case "SELECT", "VALUES", "EXPLAIN": true
    // Those that D1 allows set something for this call only.
    case "PRAGMA": PragmaReading(piece).name != "optimize"
    default: false
    }
  }

  /// CREATE TRIGGER, whose semicolons /query and /raw sometimes treat as the end of a statement.
  static func isTrigger(_ piece: ScriptReader.Piece) -> Bool {
    piece.keyword(0) == "CREATE" && piece.keyword(1) == "TRIGGER"
  }
}
