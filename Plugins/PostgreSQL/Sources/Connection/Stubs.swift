import BelayDriverKit
import CPostgreSQL

extension PostgreSQLConnection {
  func traits() throws(DriverFailure) -> Traits {
    var traits = Traits()
    traits.hasTransactions = true
    traits.hasTransactionalDDL = true
    traits.serverName = "PostgreSQL"
    traits.serverVersion = link.reported("server_version") ?? ""
    traits.parameterStyle = "$1"
    traits.begin = "BEGIN"
    traits.commit = "COMMIT"
    traits.rollback = "ROLLBACK"
    traits.identity = "postgresql:\(parameters["dbname"] ?? "")"
    return traits
  }
  func execute(_ sql: String, rows: Parameters, operation: Operation) throws(DriverFailure) -> Int64? {
    throw DriverFailure(.unsupported, "not yet")
  }
  func query(
    _ sql: String, parameters: Parameters?, operation: Operation, into rows: RowWriter
  ) throws(DriverFailure) {
    let reply = try link.run(sql, operation: operation)
    try rows.columns(reply.columns.map { RowWriter.Column($0) })
    for row in reply.rows {
      for value in row { try rows.text(value) }
      try rows.endRow()
    }
  }
  func acquireLock(_ name: String, operation: Operation) throws(DriverFailure) {}
}
struct ColumnType: Hashable { let oid: UInt32; let modifier: Int32 }
