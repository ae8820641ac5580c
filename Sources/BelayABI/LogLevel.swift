import CBelayDriver

/// How important a line of the log is.
public enum LogLevel: HeaderConstant, Comparable {
  /// For the driver's author.
  case debug
  /// For interested readers.
  case info
  /// For everybody, although nothing is wrong.
  case notice
  /// Something may be wrong.
  case warning
  /// Something is wrong.
  case error

  /// The number in `belay_host.log`.
  public var rawValue: Int32 {
    let constant =
      switch self {
      case .debug: BELAY_LOG_DEBUG
      case .info: BELAY_LOG_INFO
      case .notice: BELAY_LOG_NOTICE
      case .warning: BELAY_LOG_WARNING
      case .error: BELAY_LOG_ERROR
      }
    return Int32(constant)
  }
}
