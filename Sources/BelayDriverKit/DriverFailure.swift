import BelayABI

/// Why a call failed, and what the failed call did to the database.
///
/// The host decides from `outcome` whether to retry, to go back, or to stop and look: when in doubt, say `.unknown`.
public struct DriverFailure: Error, Sendable, Equatable {
  /// What went wrong.
  public typealias Code = FailureCode
  /// What the failed call did to the database.
  public typealias Outcome = FailureOutcome

  /// What went wrong.
  public var code: Code
  /// What the failed call did to the database.
  public var outcome: Outcome
  /// The SQLSTATE, where the engine has them.
  public var sqlState: String
  /// The engine's own error number; 0 where there is none.
  public var vendorCode: Int64
  /// The byte in the statement's text where the error stands.
  public var sqlOffset: Int?
  /// Of several statements that run as one: the index of the one that failed, from 0; nil where unknown.
  public var statement: Int?
  /// Lowercase, without a full stop; names the object.
  public var message: String
  /// What to do about it; may be empty.
  public var hint: String

  /// A code that came out of the host's own sink or source, which goes back to the host as it is.
  var handedOn: Int32?

  /// Describes a failure. `outcome` is `.notApplied` unless told otherwise: be sure of it.
  public init(
    _ code: Code, _ message: String, hint: String = "", outcome: Outcome = .notApplied, sqlState: String = "",
    vendorCode: Int64 = 0, sqlOffset: Int? = nil, statement: Int? = nil
  ) {
    self.code = code
    self.outcome = outcome
    self.sqlState = sqlState
    self.vendorCode = vendorCode
    self.sqlOffset = sqlOffset
    self.statement = statement
    self.message = message
    self.hint = hint
  }

  /// The host's own sink or source said stop.
  @usableFromInline static func handedOn(_ code: Int32) -> DriverFailure {
    var failure = DriverFailure(.internal, "stopped by the host")
    failure.handedOn = code
    return failure
  }
}
