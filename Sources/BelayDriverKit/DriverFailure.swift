import BelayABI

/// Why a call failed, and what the failed call did to the database.
///
/// The host uses `outcome` to decide whether to retry, to roll back, or to stop and check. If you are not sure, say
/// `.unknown`.
public struct DriverFailure: Error, Sendable, Equatable {
  /// What went wrong.
  public typealias Code = FailureCode
  /// What the failed call did to the database.
  public typealias Outcome = FailureOutcome

  /// What went wrong.
  public var code: Code
  /// What the failed call did to the database.
  public var outcome: Outcome
  /// The SQLSTATE, if the engine has them.
  public var sqlState: String
  /// The engine's own error number; 0 if there is none.
  public var vendorCode: Int64
  /// The offset of the error in the statement's text, in bytes.
  public var sqlOffset: Int?
  /// If several statements were run as a unit: the index of the one that failed, from 0; nil if unknown.
  public var statement: Int?
  /// Lowercase, without a full stop; names the object.
  public var message: String
  /// What to do about it; may be empty.
  public var hint: String

  /// A code that the host's own sink or source returned; it is returned to the host unchanged.
  var handedOn: Int32?

  /// Describes a failure. The default `outcome` is `.notApplied`: use it only if that is certain.
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

  /// The host's own sink or source returned a code, which means stop.
  @usableFromInline static func handedOn(_ code: Int32) -> DriverFailure {
    var failure = DriverFailure(.internal, "stopped by the host")
    failure.handedOn = code
    return failure
  }
}
