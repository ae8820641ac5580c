import CBelayDriver

/// Why a call failed: the `BELAY_E_*` constants of the header.
public enum FailureCode: HeaderConstant {
  /// This driver, server version or connection does not support this.
  case unsupported
  /// The caller asked for something malformed: a bad URL, an unknown option.
  case invalid
  /// The server rejected the user or the password.
  case auth
  /// The user may not do this.
  case denied
  /// No such database, table or file.
  case notFound
  /// Disk full, file unreadable, connection lost.
  case io
  /// The deadline of the operation passed.
  case timeout
  /// The host asked to stop.
  case cancelled
  /// Somebody else holds a lock; a later attempt may succeed.
  case busy
  /// The data violates a constraint.
  case constraint
  /// The statement is invalid.
  case sql
  /// The database or the dump is damaged.
  case corrupt
  /// A bug in the driver.
  case `internal`

  /// What the call returns.
  public var rawValue: Int32 {
    let constant =
      switch self {
      case .unsupported: BELAY_E_UNSUPPORTED
      case .invalid: BELAY_E_INVALID
      case .auth: BELAY_E_AUTH
      case .denied: BELAY_E_DENIED
      case .notFound: BELAY_E_NOT_FOUND
      case .io: BELAY_E_IO
      case .timeout: BELAY_E_TIMEOUT
      case .cancelled: BELAY_E_CANCELLED
      case .busy: BELAY_E_BUSY
      case .constraint: BELAY_E_CONSTRAINT
      case .sql: BELAY_E_SQL
      case .corrupt: BELAY_E_CORRUPT
      case .internal: BELAY_E_INTERNAL
      }
    return Int32(constant)
  }
}
