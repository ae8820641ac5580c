import BelayArchive
import BelayBase

extension BelayError {
  package init(_ error: ArchiveError, kind: Kind, state: String? = nil) {
    let mapped: Kind = error.kind == .notFound ? .notFound : kind
    self.init(mapped, error.message, hint: error.hint, state: state, causes: [])
  }
}
