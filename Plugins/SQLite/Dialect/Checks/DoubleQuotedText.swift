import BelayDriverKit
import CSQLite

/// Names in double quotes that mean no column. SQLite then takes them as texts, where every other engine reports an error:
/// https://sqlite.org/quirks.html#double_quoted_string_literals_are_accepted
struct DoubleQuotedText {
  /// By the statement's place in the script.
  private(set) var byPiece: [Int: [String]] = [:]

  /// Each statement is compiled against the schema that those before it leave.
  init(in pieces: [ScriptReader.Piece], _ live: Database) throws(DriverFailure) {
    guard pieces.contains(where: { !Self.names(in: $0).isEmpty }) else { return }
    let clone = try SchemaClone(of: live)
    var reading = StatementReading(clone)
    for (index, piece) in pieces.enumerated() where !piece.isClient {
      let names = Self.names(in: piece)
      if !names.isEmpty, let sql = String(validating: piece.bytes, as: UTF8.self), !sql.utf8.contains(0) {
        let texts = try Self.texts(names, in: sql, clone.database)
        if !texts.isEmpty { byPiece[index] = texts }
      }
      _ = try reading.read(piece)
    }
  }

  private static let verbs = ["SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE"]

  private static func names(in piece: ScriptReader.Piece) -> [String] {
    guard verbs.contains(piece.verb) || piece.createdBySelect != nil else { return [] }
    return piece.words.filter { $0.kind == .quoted && $0.bytes.first == UInt8(ascii: "\"") }.map(\.name)
  }

  /// Those that the statement cannot do without being texts.
  private static func texts(_ names: [String], in sql: String, _ database: Database) throws(DriverFailure) -> [String] {
    guard try compiles(sql, database) == nil else { return [] }
    _ = belay_sqlite3_db_flag(database.handle, SQLITE_DBCONFIG_DQS_DML, 0)
    defer { _ = belay_sqlite3_db_flag(database.handle, SQLITE_DBCONFIG_DQS_DML, 1) }
    guard let message = try compiles(sql, database), message.hasPrefix("no such column: ") else { return [] }
    // It names the first one only.
    let first = names.first { message.hasSuffix(": \($0)") || message.contains("\"\($0)\"") }
    return [first ?? String(message.dropFirst("no such column: ".count))]
  }

  /// nil: it does; else why not.
  private static func compiles(_ sql: String, _ database: Database) throws(DriverFailure) -> String? {
    let (compiled, _, code) = try SQLText(sql).compile(at: 0, in: database)
    sqlite3_finalize(compiled)
    return code == SQLITE_OK ? nil : String(cString: sqlite3_errmsg(database.handle))
  }
}
