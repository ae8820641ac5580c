import BelayArchive
import BelayBase

extension BelayError {
  package init(_ error: ArchiveError, kind: Kind, state: String? = nil) {
    let mapped: Kind =
      switch error.kind {
      case .notFound: .notFound
      // A line that is down says nothing against the archive.
      case .unreachable where kind == .verificationFailed: .failed
      default: kind
      }
    self.init(mapped, error.message, hint: error.hint, state: state, causes: [])
  }

  /// It does not hold what it should, or the engine refuses it. Everything else is a circumstance of the proof.
  package var speaksAgainstArchive: Bool { kind == .verificationFailed || kind == .dumpRefused }
}
