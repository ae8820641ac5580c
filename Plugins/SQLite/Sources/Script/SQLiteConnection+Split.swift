import BelayDriverKit
import SQLiteDialect

extension SQLiteConnection: ScriptSplitting {
  package func split(_ script: UnsafeRawBufferPointer, operation: Operation) throws(DriverFailure) -> [ScriptStatement]
  {
    try during(operation) { () throws(DriverFailure) in
      var reading = StatementReading(try SchemaClone(of: live))
      return try reading.read(script: script)
    }
  }
}
