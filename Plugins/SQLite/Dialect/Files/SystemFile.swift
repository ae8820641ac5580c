import Glibc

/// What the system reports about a file.
package enum SystemFile {
  /// The size of a file; nil if it does not exist. Does not open it: closing a file that SQLite has open drops its
  /// locks.
  package static func size(of path: String) -> Int64? {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : nil
  }

  /// The system's text for an error number.
  package static func text(of number: Int32) -> String {
    guard let words = strerror(number) else { return "error \(number)" }
    return String(cString: words).lowercased()
  }
}
