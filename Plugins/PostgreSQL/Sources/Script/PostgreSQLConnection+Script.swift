import BelayDriverKit

extension PostgreSQLConnection: ScriptSplitting {
  func split(_ script: UnsafeRawBufferPointer, operation: Operation) throws(DriverFailure) -> [ScriptStatement] {
    var walk = ScriptWalk(script, try SchemaModel(reading: link, operation))
    var statements: [ScriptStatement] = []
    while let statement = walk.next() {
      try operation.check()
      statements.append(statement)
    }
    return statements
  }
}
