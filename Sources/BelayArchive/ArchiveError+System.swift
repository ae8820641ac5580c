import BelaySystem
import Glibc
import SystemPackage

extension ArchiveError {
  /// A system call on `path` failed with the errno `code`. `verb` is what was tried, as in "cannot VERB PATH: reason".
  package static func system(_ verb: String, _ path: String, member: String? = nil, code: CInt) -> ArchiveError {
    let reason = Errno(rawValue: code).description.lowercased()
    let message = "cannot \(verb) \(path): \(reason)"
    switch code {
    case ENOSPC, EDQUOT:
      return ArchiveError(
        .diskFull, path: path, member: member, message,
        hint: "free some space there, or choose another folder with --store")
    case ENOENT:
      return ArchiveError(.notFound, path: path, member: member, message)
    default:
      return ArchiveError(.io, path: path, member: member, message, hint: SystemLimit.hint(for: code))
    }
  }

  /// The error of a swift-system call, which throws nothing but `Errno`.
  package static func system(_ verb: String, _ path: String, member: String? = nil, _ error: any Error) -> ArchiveError
  {
    system(verb, path, member: member, code: (error as? Errno)?.rawValue ?? EIO)
  }
}
