import Glibc
import SystemPackage

/// Keeps whoever reads an archive and whoever removes it apart, by a lock on the file itself: the kernel lets go of it with
/// the handle, also where the process is killed.
package enum FileInUse {
  /// How long a reader waits for somebody who is about to remove the file, and finds out whether he does.
  private static let patience = Duration.seconds(5)

  /// For a reader. A file system without such locks keeps nobody apart.
  /// - Throws: kind `notFound` where the file has been removed meanwhile.
  static func share(_ file: FileDescriptor, _ path: String) throws(ArchiveError) {
    let deadline = ContinuousClock.now + patience
    while flock(file.rawValue, LOCK_SH | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      guard errno == EWOULDBLOCK else { return }
      guard ContinuousClock.now < deadline else {
        throw ArchiveError(.io, path: path, "\(path) is locked by another program", hint: "try again")
      }
      usleep(10_000)
    }
    var status = stat()
    guard fstat(file.rawValue, &status) == 0, status.st_nlink > 0 else { throw .system("open", path, code: ENOENT) }
  }
}

/// Held by whoever is about to remove an archive: nobody reads it now, and nobody begins to.
package final class RemovalLock {
  private let file: FileDescriptor?

  /// Keeps nobody out: for a repository whose readers cannot be known.
  package init() { file = nil }

  /// nil: somebody reads it.
  package init?(_ path: FilePath) throws(ArchiveError) {
    let file: FileDescriptor
    do {
      file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking, .noFollow])
    } catch {
      if error as? Errno == .tooManySymbolicLinkLevels {
        throw ArchiveError(
          .io, path: path.string, "\(path) is a link", hint: "remove the link, and what it leads to, by hand")
      }
      throw .system("open", path.string, error)
    }
    while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      try? file.close()  // nothing was written
      if code == EWOULDBLOCK { return nil }
      throw .system("lock", path.string, code: code)
    }
    self.file = file
  }

  deinit { try? file?.close() }  // it was only read
}
