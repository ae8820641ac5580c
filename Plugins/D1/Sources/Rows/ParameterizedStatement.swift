import BelayDriverKit
import SQLiteDialect

/// A statement with `?`. D1 binds every number as a double, so values are written into the text instead.
struct ParameterizedStatement {
  /// The text around the parameters: one more than there are parameters.
  let parts: [String]

  var parameterCount: Int { parts.count - 1 }

  init(_ sql: String) throws(DriverFailure) {
    var sql = sql
    let result = sql.withUTF8 { utf8 in
      Result { () throws(DriverFailure) in try Self.read(UnsafeRawBufferPointer(utf8)) }
    }
    parts = try result.get()
  }

  /// The text with one literal for each parameter.
  func text(_ literals: [String]) -> String {
    zip(literals, parts.dropFirst()).reduce(into: parts[0]) { text, next in text += next.0 + next.1 }
  }

  private static func read(_ bytes: UnsafeRawBufferPointer) throws(DriverFailure) -> [String] {
    var reader = ScriptReader(bytes)
    guard let piece = reader.next() else { throw DriverFailure(.sql, "the statement is empty") }
    if let refusal = D1Rules.refusal(of: piece) {
      throw DriverFailure(refusal.code, refusal.message, hint: refusal.hint)
    }
    if let more = reader.next() {
      throw DriverFailure(.invalid, "there is more than one statement", sqlOffset: more.start)
    }
    func text(_ start: Int, _ end: Int) -> String {
      String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
    }
    var (parts, start): ([String], Int) = ([], piece.start)
    for word in piece.words where word.isSymbol("?") {
      parts.append(text(start, word.start))
      start = word.end
    }
    parts.append(text(start, piece.end))
    return parts
  }
}
