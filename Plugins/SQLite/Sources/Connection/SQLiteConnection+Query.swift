import BelayDriverKit
import SQLiteDialect

extension SQLiteConnection {
  func query(
    _ sql: String, parameters: Parameters?, operation: Operation, into rows: RowWriter
  ) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      try readable.query(sql, parameters: parameters, into: rows)
    }
  }
}
