import BelayDriverKit
import CPostgreSQL

/// One open database.
final class PostgreSQLConnection: DriverConnection {
  let parameters: ConnectionParameters
  let settings: Settings
  private(set) var link: Link

  init(
    _ parameters: ConnectionParameters, _ settings: Settings, _ operation: Operation
  ) throws(DriverFailure) {
    self.parameters = parameters
    self.settings = settings
    link = try Link(parameters, operation)
  }

  func traits() throws(DriverFailure) -> Traits {
    var traits = Traits()
    traits.hasTransactions = true
    traits.hasTransactionalDDL = true
    traits.serverName = "PostgreSQL"
    traits.serverVersion = String(cString: PQparameterStatus(link.handle, "server_version"))
    traits.parameterStyle = "$1"
    traits.begin = "BEGIN"
    traits.commit = "COMMIT"
    traits.rollback = "ROLLBACK"
    traits.identity = "postgresql:\(parameters["dbname"] ?? "")"
    return traits
  }

  func execute(_ sql: String, operation: Operation) throws(DriverFailure) -> Int64? {
    try link.run(sql, operation: operation).affected
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

  func interrupt() { link.cancel() }

  func close() {}
}
