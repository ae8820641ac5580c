import BelayDriverKit
import CPostgreSQL

/// A session of the server that a pooler hands to whoever has a transaction next. What is set there, or locked, is gone or
/// another's by the next statement: neither a backup nor a migration can work so.
enum SharedSession {
  /// Refuses a connection through such a pooler. Sets nothing.
  static func refuse(
    _ link: Link, _ parameters: ConnectionParameters, _ stopFlag: StopFlag, _ operation: Operation
  ) throws(DriverFailure) {
    let process = "SELECT pg_catalog.pg_backend_pid()"
    let first = try link.run(process, operation: operation).value
    // A pooler gives its clients keys of its own, whatever its mode.
    guard first != "\(PQbackendPID(link.handle))" else { return }
    let other = try Link(parameters, stopFlag: stopFlag, operation)
    defer { other.close() }
    // It holds on to its session until it is closed: the one that the first had, or one more.
    try other.run("BEGIN", operation: operation)
    var isShared = try other.run(process, operation: operation).value == first
    if !isShared { isShared = try link.run(process, operation: operation).value != first }
    guard isShared else { return }
    throw DriverFailure(
      .unsupported,
      "\(ConnectFailure.place(link.handle)) is a connection pooler that gives every transaction another session of the "
        + "server (transaction mode)",
      hint: "give belay the URL of the server itself, or of a pool in session mode")
  }
}
