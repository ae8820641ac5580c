import BelayArchive
import BelayBase

extension BelayError {
  package init(_ error: ArchiveError, kind: Kind, state: String? = nil) {
    // A line that is down says nothing against the archive.
    let isUnreachable = error.kind == .unreachable && kind == .verificationFailed
    let kind = isUnreachable ? .failed : Self.kind(of: error) ?? kind
    self.init(kind, error.message, hint: error.hint, state: state, causes: [])
  }

  /// Of errors that mean the same wherever they arise; nil: that depends on what was done.
  package static func kind(of error: ArchiveError) -> Kind? {
    switch error.kind {
    case .notFound: .notFound
    case .wrongKey: .wrongKey
    case .keyRefused: .refused
    default: nil
    }
  }

  /// It does not hold what it should, or the engine refuses it. Everything else is a circumstance of the proof.
  package var speaksAgainstArchive: Bool { kind == .verificationFailed || kind == .dumpRefused }
}
