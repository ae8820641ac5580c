import BelayDriverKit
import Glibc

/// A throw-away database of belay's own, under a name by which it is found again.
package enum ScratchFile {
  /// Makes it, empty, readable by nobody else. `.constraint` where there is something of that name.
  package static func create(_ path: String) throws(DriverFailure) {
    // A file of no bytes is an empty SQLite database.
    let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason = errno
      throw reason == EEXIST
        ? DriverFailure(.constraint, "the scratch database \(path) already exists")
        : DriverFailure(.io, "cannot make \(path): \(SystemFile.text(of: reason))")
    }
    close(descriptor)
  }

  /// Harmless where it does not exist.
  package static func remove(_ path: String) throws(DriverFailure) {
    TemporaryFile.remove(path)
    guard SystemFile.size(of: path) == nil else { throw DriverFailure(.io, "\(path) cannot be removed") }
  }
}
