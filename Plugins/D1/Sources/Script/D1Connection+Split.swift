import BelayDriverKit
import SQLiteDialect

extension D1Connection: ScriptSplitting {
  func split(_ script: UnsafeRawBufferPointer, operation: Operation) throws(DriverFailure) -> [ScriptStatement] {
    try during(operation) { () throws(DriverFailure) in
      let schema = try schema(fresh: false)
      var reading = StatementReading(try SchemaClone(of: schema))
      return try reading.read(script: script).map(Self.asRowsOfVirtualTables)
    }
  }

  /// As in the catalog, a virtual table counts as a table here, and its storage does not count.
  private static func asRowsOfVirtualTables(_ statement: ScriptStatement) -> ScriptStatement {
    var statement = statement
    // D1 may run a newer SQLite than the one that reads here.
    statement.flags.remove(.wrongSyntax)
    statement.writes = statement.writes.compactMap { write in
      if write.kind == "table", !write.parent.isEmpty { return nil }
      guard write.kind == "virtual_table" else { return write }
      return ScriptWrite(kind: "table", schema: write.schema, name: write.name, actions: write.actions)
    }
    return statement
  }
}
