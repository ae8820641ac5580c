import CBelayDriver

/// What a failed call did to the database. From this the host decides whether to retry, roll back, or stop and check.
public enum FailureOutcome: HeaderConstant {
  /// It had no effect.
  case notApplied
  /// It took full effect; something failed afterwards.
  case applied
  /// A part of it took effect.
  case partial
  /// Not known.
  case unknown

  /// The number in `belay_host.fail`.
  public var rawValue: UInt32 {
    let constant =
      switch self {
      case .notApplied: BELAY_NOT_APPLIED
      case .applied: BELAY_APPLIED
      case .partial: BELAY_PARTIAL
      case .unknown: BELAY_OUTCOME_UNKNOWN
      }
    return UInt32(constant)
  }
}
