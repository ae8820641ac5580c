import BelayDriverKit
import SQLiteDialect

extension D1Connection: ScriptSplitting {
  func split(_ script: UnsafeRawBufferPointer, operation: Operation) throws(DriverFailure) -> [ScriptStatement] {
    try during(operation) { () throws(DriverFailure) in
      let schema = try schema(fresh: false)
      var reading = StatementReading(try SchemaClone(of: schema))
      return try reading.read(script: script).map { (found) throws(DriverFailure) in
        var statement = Self.asRowsOfVirtualTables(found)
        if statement.flags.contains(.wrongSyntax), try !isWrong(statement, in: script) {
          statement.flags.remove(.wrongSyntax)
        }
        return statement
      }
    }
  }

  /// D1 may run a newer SQLite than the one that reads here: it is asked, by a statement that runs nothing.
  private func isWrong(
    _ statement: ScriptStatement, in script: UnsafeRawBufferPointer
  ) throws(DriverFailure) -> Bool {
    guard engine is RemoteDatabase else { return true }
    let text = String(decoding: script[statement.offset..<statement.offset + statement.length], as: UTF8.self)
    let question = "EXPLAIN QUERY PLAN " + text
    // What is longer D1 does not take anyway.
    guard question.utf8.count <= Limits.statementBytes else { return false }
    do throws(CallFailure) {
      _ = try answers([question], .repeatable)
      return false
    } catch {
      guard case .answered = error.work else { throw error.failure }
      return ["syntax error", "unrecognized token", "incomplete input"].contains(where: error.failure.message.contains)
    }
  }

  /// As in the catalog, a virtual table counts as a table here, and its storage does not count.
  private static func asRowsOfVirtualTables(_ statement: ScriptStatement) -> ScriptStatement {
    var statement = statement
    statement.writes = statement.writes.compactMap { write in
      if write.kind == "table", !write.parent.isEmpty { return nil }
      guard write.kind == "virtual_table" else { return write }
      return ScriptWrite(kind: "table", schema: write.schema, name: write.name, actions: write.actions)
    }
    return statement
  }
}
