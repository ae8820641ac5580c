import BelayArchive
import BelayBase
import BelayDrivers
import BelayStore
import BelaySystem

/// The one place where the rooms' own errors become what a person reads.
extension BelayError {
  /// - Parameter doing: what was attempted, on which object, e.g. "cannot read table posts".
  package init(_ error: DriverError, doing: String, kind: Kind, state: String? = nil) {
    self.init(
      error.code == .cancelled ? .interrupted : kind, doing, hint: error.hint ?? Self.hint(for: error.code),
      state: state ?? Self.state(after: error.outcome), causes: [error.message])
    mayBeTriedAgain = error.wasOnlyBusy
  }

  package init(_ error: DriverLoadError) {
    let kind: Kind = error.kind == .noDriver ? .notFound : .refused
    self.init(
      kind, error.message, hint: error.hint, state: "nothing was opened",
      causes: error.path.map { ["file: \($0)"] } ?? [])
  }

  /// For the closures of streams, which may throw either room's error.
  package init(any error: any Error, doing: String, kind: Kind, state: String? = nil) {
    switch error {
    case let error as BelayError: self = error
    case let error as DriverError: self.init(error, doing: doing, kind: kind, state: state)
    case let error as ArchiveError where error.kind == .wrongKey || error.kind == .keyRefused:
      self.init(error, kind: kind, state: state)
      causes = [doing]
    case let error as ArchiveError:
      self.init(kind, doing, hint: error.hint, state: state, causes: [error.message])
    default: self.init(kind, doing, state: state, causes: ["\(error)"])
    }
  }

  /// Of a step that proves an archive: the verification has failed where the failure speaks against the archive. Where only
  /// the circumstances do not allow it, it says nothing of the archive, and the error is of the other kind.
  package init(any error: any Error, proving doing: String, otherwise kind: Kind, state: String? = nil) {
    let isOfCircumstances =
      switch error {
      case let error as DriverError: error.code.isOfCircumstances
      case let error as ArchiveError: error.isOfCircumstances
      default: false
      }
    self.init(any: error, doing: doing, kind: isOfCircumstances ? kind : .verificationFailed, state: state)
  }

  private static func hint(for code: DriverError.Code) -> String? {
    switch code {
    case .busy: "somebody else holds a lock; try again when it is released"
    case .denied: "check the permissions of this user on the database"
    case .io:
      SystemLimit.fileSize.map { "\($0.text): raise that limit if the file was too large" }
        ?? "check the disk (free space, health) or the network"
    default: nil
    }
  }

  private static func state(after outcome: DriverError.Outcome) -> String? {
    switch outcome {
    case .notApplied: nil
    case .applied: "the call took effect before it failed"
    case .partial: "some of it took effect"
    case .unknown: "it is not known whether it took effect"
    }
  }

  package func with(state: String?) -> BelayError {
    var copy = self
    copy.state = state
    return copy
  }
}

extension DriverError.Code {
  /// A full disk, a lock, the network, what a user may: another day the same call may succeed.
  fileprivate var isOfCircumstances: Bool {
    switch self {
    case .unsupported, .auth, .denied, .notFound, .io, .timeout, .cancelled, .busy: true
    case .invalid, .constraint, .sql, .corrupt, .internal: false
    }
  }
}
