import BelayABI
import CBelayDriver

/// The object that a `belay_conn` points to: the driver's connection, and the text that is lent to the host until
/// close.
///
/// The host has the only strong reference, from open to close. Every call borrows it. An interrupt from another thread
/// during a call is safe, because close is allowed only after all calls have returned.
final class ConnectionBox {
  let connection: any DriverConnection
  let texts = TextStore()

  init(_ connection: any DriverConnection) { self.connection = connection }

  /// Passes the box to the host.
  func handOver() -> OpaquePointer {
    OpaquePointer(Unmanaged.passRetained(self).toOpaque())
  }

  /// Borrows the box for one call.
  static func borrowed(_ handle: OpaquePointer) -> ConnectionBox {
    Unmanaged<ConnectionBox>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
  }

  /// Takes the box back: the host will not use the handle again.
  static func takeBack(_ handle: OpaquePointer) -> ConnectionBox {
    Unmanaged<ConnectionBox>.fromOpaque(UnsafeRawPointer(handle)).takeRetainedValue()
  }
}

/// Runs the body of one ABI call on a connection.
func answering(
  _ handle: OpaquePointer?, _ error: OpaquePointer?, _ body: (any DriverConnection) throws(DriverFailure) -> Void
) -> Int32 {
  answering(error) { () throws(DriverFailure) in
    guard let handle else { throw DriverFailure(.invalid, "there is no connection") }
    try body(ConnectionBox.borrowed(handle).connection)
  }
}

/// Runs the body of one ABI call of an extension on a connection that has it. `type` names the extension's protocol.
func answering<Ability>(
  _ handle: OpaquePointer?, _ error: OpaquePointer?, as type: Ability.Type,
  _ body: (Ability) throws(DriverFailure) -> Void
) -> Int32 {
  answering(handle, error) { (connection) throws(DriverFailure) in
    guard let able = connection as? Ability else {
      throw DriverFailure(.unsupported, "the driver does not have this extension")
    }
    try body(able)
  }
}

/// The `probe` of every extension.
func answeringProbe(
  _ handle: OpaquePointer?, _ operation: OpaquePointer?, _ error: OpaquePointer?, _ feature: DriverExtension
) -> Int32 {
  answering(handle, error) { (connection) throws(DriverFailure) in
    try connection.probe(feature, operation: Operation(handle: operation))
  }
}
