import BelayArchive
import BelayBase

extension BelayError {
  package init(_ error: ArchiveError, kind: Kind, state: String? = nil) {
    let isUnproven = kind == .verificationFailed && error.isOfCircumstances
    self.init(
      Self.kind(of: error) ?? (isUnproven ? .failed : kind), error.message, hint: error.hint, state: state, causes: [])
  }

  /// Of errors that mean the same wherever they arise; nil: that depends on what was done.
  private static func kind(of error: ArchiveError) -> Kind? {
    switch error.kind {
    case .notFound: .notFound
    case .wrongKey: .wrongKey
    case .keyRefused, .futureFormat: .refused
    case .cancelled: .interrupted
    default: nil
    }
  }

  /// It does not hold what it should, or the engine refuses it. Everything else is a circumstance of the proof.
  package var speaksAgainstArchive: Bool { kind == .verificationFailed || kind == .dumpRefused }
}
