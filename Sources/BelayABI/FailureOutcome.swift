import CBelayDriver

/// What a failed call did to the database. It decides whether to retry, to go back, or to stop and look.
public enum FailureOutcome: HeaderConstant {
  /// Nothing of it took effect.
  case notApplied
  /// All of it did, though the call failed afterwards.
  case applied
  /// Some of it did.
  case partial
  /// It cannot be known from here.
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
