import BelayDriverKit
import CPostgreSQL
import Glibc
import Synchronization

/// One instant of a database, which several connections read: a session of its own exports the snapshot, and alone holds
/// the locks.
///
/// A connection that reads a table locks it in passing. Where somebody waits for the whole table, it would wait behind him
/// for the holder; so it reads in the holder's session instead. pg_dump works there too.
final class SharedView: @unchecked Sendable {
  // Unchecked: `use` lends the holder to one thread at a time, and all else never changes.

  let token: String
  /// Where sequences stood right after the snapshot, and so before pg_dump reads them.
  let sequences: String
  private let holder: Link
  private let isInUse = Atomic<Bool>(false)

  private init(token: String, sequences: String, holder: Link) {
    self.token = token
    self.sequences = sequences
    self.holder = holder
  }

  /// Takes the locks, then the snapshot.
  /// - Parameter prepare: what the holder does before, when nobody waits for it yet.
  static func open(
    _ connection: PostgreSQLConnection, _ operation: Operation,
    prepare: (_ holder: Link) throws(DriverFailure) -> Void = { _ throws(DriverFailure) in }
  ) throws(DriverFailure) -> SharedView {
    let holder = try PostgreSQLConnection.connect(
      connection.parameters, connection.settings, StopFlag(), operation)
    do throws(DriverFailure) {
      try holder.run(
        "SET application_name = 'belay \(getpid())-\(PQbackendPID(connection.link.handle))'", operation: operation)
      try prepare(holder)
      let patience = max(connection.settings.lockTimeoutMilliseconds, 1) * 10
      try TableLocks(
        holder: holder, observer: connection.link, patienceMilliseconds: patience, operation: operation
      ).take()
      let token = try holder.run("SELECT pg_catalog.pg_export_snapshot()", operation: operation).value
      guard let token else { throw DriverFailure(.internal, "the server gave no snapshot") }
      let values = try connection.againWhileOthersDrop(operation) { () throws(DriverFailure) in
        try connection.link.run(SequenceValues.question, operation: operation)
      }
      let view = SharedView(token: token, sequences: SequenceValues.rows(with: values), holder: holder)
      views.withLock { $0[key(token, holder)] = view }
      return view
    } catch {
      holder.close()
      throw error
    }
  }

  /// The view of a token, if it is this process's.
  static func of(_ token: String, _ link: Link) -> SharedView? {
    views.withLock { $0[key(token, link)] }
  }

  private static let views = Mutex<[String: SharedView]>([:])

  /// Two servers may give one token.
  private static func key(_ token: String, _ link: Link) -> String { "\(ConnectFailure.place(link.handle)) \(token)" }

  /// Runs a body with the holder's session, when nobody else uses it.
  func use<R>(
    _ operation: Operation, _ body: (Link) throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    while !isInUse.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged {
      usleep(5000)
      try operation.check()
    }
    defer { isInUse.store(false, ordering: .releasing) }
    return try body(holder)
  }

  /// Gives everything back. Nobody uses it any more.
  func end() {
    let key = Self.key(token, holder)
    _ = Self.views.withLock { $0.removeValue(forKey: key) }
    holder.close()
  }
}
