import BelayArchive
import BelayBase

extension BelayError {
  package init(_ error: ArchiveError, status: ExitStatus, state: String? = nil) {
    let mapped: ExitStatus = error.kind == .notFound ? .notFound : status
    self.init(mapped, error.message, hint: error.hint, state: state, causes: [])
  }
}
