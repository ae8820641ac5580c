import Glibc

/// What the system tells of a file.
package enum SystemFile {
  /// There is a file, and its size. Nothing is opened: closing a file that SQLite has open would drop its locks.
  package static func size(of path: String) -> Int64? {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : nil
  }

  /// The system's words for an error number.
  package static func text(of number: Int32) -> String {
    guard let words = strerror(number) else { return "error \(number)" }
    return String(cString: words).lowercased()
  }
}
