import BelayDriverKit
import Glibc

/// A scratch database of belay's, under a name by which it can be found again.
package enum ScratchFile {
  /// Creates it, empty, readable by this user only. Throws `.constraint` if the name is taken.
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

  /// Does nothing if it does not exist.
  package static func remove(_ path: String) throws(DriverFailure) {
    TemporaryFile.remove(path)
    guard SystemFile.size(of: path) == nil else { throw DriverFailure(.io, "\(path) cannot be removed") }
  }
}
