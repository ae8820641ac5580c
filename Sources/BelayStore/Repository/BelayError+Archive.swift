import BelayArchive
import BelayBase

extension BelayError {
  package init(_ error: ArchiveError, kind: Kind, state: String? = nil) {
    let mapped: Kind = error.kind == .notFound ? .notFound : kind
    self.init(mapped, error.message, hint: error.hint, state: state, causes: [])
  }

  /// It does not hold what it should, or the engine refuses it. Everything else is a circumstance of the proof.
  package var speaksAgainstArchive: Bool { kind == .verificationFailed || kind == .dumpRefused }
}
