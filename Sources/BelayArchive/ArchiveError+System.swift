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

  /// The error of a swift-system call that read from an open archive. EIO, EBADMSG and EUCLEAN tell that the disk does not
  /// give the bytes back. A network file system that is mounted `soft` gives EIO too while its server is away: what cannot be
  /// told apart counts as the worse, until another proof succeeds.
  package static func reading(_ path: String, _ error: any Error) -> ArchiveError {
    var failure = system("read", path, error)
    let tellsOfDisk: [Errno] = [.ioError, .badMessage, Errno(rawValue: EUCLEAN)]
    if let code = error as? Errno, tellsOfDisk.contains(code) { failure.kind = .unreadable }
    return failure
  }

  /// The error of a swift-system call, which throws nothing but `Errno`.
  package static func system(_ verb: String, _ path: String, member: String? = nil, _ error: any Error) -> ArchiveError
  {
    system(verb, path, member: member, code: (error as? Errno)?.rawValue ?? EIO)
  }
}
