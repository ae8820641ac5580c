import BelayDriverKit
import CPostgreSQL

/// One open database.
final class PostgreSQLConnection: DriverConnection {
  let parameters: ConnectionParameters
  let settings: Settings
  /// Raised by `interrupt`; every link of this connection checks it.
  let stopFlag = StopFlag()
  private(set) var link: Link
  /// The settings for reading that are in effect; nil while the session has the migration's own settings.
  var shape: ReadingShape?
  /// The idle second connection that holds the locks, and which.
  var lockLink: Link?
  var locks: Set<String> = []
  /// The open transaction reads the instant of a token.
  var hasView = false
  /// That instant and its locks; nil where another process holds them.
  var view: SharedView?
  /// This connection has acquired the token, and not adopted it.
  var ownsView = false
  /// Types by the name that the server has for them.
  var typeNames: [ColumnType: String] = [:]
  /// The server's counters of rows, by table, when the open transaction began: see `rememberCounters`.
  var countersAtBegin: [String: RowCounters] = [:]
  /// The same of the catalogs that all databases share, by name.
  var sharedAtBegin: [String: Int64] = [:]
  /// The traits as they were when they could last be read.
  var knownTraits: Traits?

  init(
    _ parameters: ConnectionParameters, _ settings: Settings, _ operation: Operation
  ) throws(DriverFailure) {
    self.parameters = parameters
    self.settings = settings
    if settings.creates {
      link = try Self.create(parameters, settings, stopFlag, operation)
    } else {
      link = try Self.connect(parameters, settings, stopFlag, operation, isFirst: true)
    }
  }

  func interrupt() { stopFlag.raise() }

  func close() { closeLinks() }

  /// For calls that make a transaction of their own.
  func refuseTransaction(_ what: String) throws(DriverFailure) {
    guard link.isIdle || link.isLost else {
      throw DriverFailure(.invalid, "\(what) inside a transaction is not possible")
    }
  }

  /// Runs a body. If it fails, the open transaction stays usable and is as it was before.
  func keepingTransaction<R>(
    _ operation: Operation, _ body: () throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    try namingHolders(operation) { () throws(DriverFailure) in try keeping(operation, body) }
  }

  private func keeping<R>(
    _ operation: Operation, _ body: () throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    guard link.isInTransaction else { return try body() }
    try link.run("SAVEPOINT \"belay call\"", operation: operation)
    do throws(DriverFailure) {
      let result = try body()
      try link.tidy("RELEASE SAVEPOINT \"belay call\"")
      return result
    } catch {
      // If the connection is lost, there is nothing to roll back to, and the failure says so.
      if !link.isLost {
        try link.tidy("ROLLBACK TO SAVEPOINT \"belay call\"; RELEASE SAVEPOINT \"belay call\"")
      }
      throw error
    }
  }

  // MARK: Links

  /// Ends this connection's sessions, so that its database can be renamed. Locks that it holds are gone until `reopen`.
  func closeLinks() {
    link.close()
    lockLink?.close()
    lockLink = nil
    shape = nil
    forgetView()
  }

  /// Connects again, to the database that now has the name, and acquires the locks again.
  func reopen(_ operation: Operation) throws(DriverFailure) {
    closeLinks()
    link = try Self.connect(parameters, settings, stopFlag, operation)
    typeNames = [:]
    let held = locks
    locks = []
    for name in held { try acquireLock(name, operation: operation) }
  }

  /// Connects to another database of the same server, e.g. one that stays when this one is renamed.
  func connect(to database: String, _ operation: Operation) throws(DriverFailure) -> Link {
    try Self.connect(parameters.with(database: database), settings, stopFlag, operation)
  }

  /// Connects to a database that CREATE and ALTER DATABASE can be sent to: neither this one nor a scratch database.
  func connectForMaintenance(_ operation: Operation) throws(DriverFailure) -> Link {
    try Self.connectForMaintenance(parameters, settings, stopFlag, operation)
  }
}
