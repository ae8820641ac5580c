import BelayDatabase
import BelayDrivers

/// What stands around the rows of single tables when they are loaded: the driver's own statements for a load, so that
/// tables need not come with those that they refer to, and a transaction where there are any.
struct TableLoad {
  private let connection: Connection
  private let context: RunContext
  /// Of the driver's statements: the first ones open a transaction, and the last ones commit it.
  private let isTransaction: Bool

  init(_ connection: Connection, context: RunContext) {
    self.connection = connection
    self.context = context
    isTransaction = connection.traits.loadsInTransaction
  }

  func begin() throws(DriverError) {
    try run(connection.traits.loadBegin)
    if connection.traits.hasTransactions, !isTransaction { try run(connection.traits.begin) }
  }

  func commit() throws(DriverError) {
    if connection.traits.hasTransactions, !isTransaction { try run(connection.traits.commit) }
    try run(connection.traits.loadEnd)
  }

  /// Of two errors the first is the one to tell.
  func rollBack() {
    guard connection.traits.hasTransactions else { return }
    _ = try? connection.execute(connection.traits.rollback, operation: context.unstoppable())
  }

  private func run(_ sql: String) throws(DriverError) {
    guard !sql.isEmpty else { return }
    _ = try connection.execute(sql, operation: context.stoppable())
  }
}
