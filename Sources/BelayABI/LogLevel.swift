import CBelayDriver

/// How loud a line of the log is.
public enum LogLevel: HeaderConstant, Comparable {
  /// For the driver's author.
  case debug
  /// For a reader who wants to know.
  case info
  /// For everybody, yet nothing is wrong.
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
