import BelayDriverKit
import CSQLite
import Glibc

/// One instant of a database: a private copy of the file, read-only.
final class View {
  let path: String
  let database: Database
  /// The copy goes when the view goes.
  private let ownsCopy: Bool

  init(_ path: String, ownsCopy: Bool, watch: Watch) throws(DriverFailure) {
    self.path = path
    self.ownsCopy = ownsCopy
    database = try Database(readingCopy: path, watch: watch)
  }

  /// Back to the present; removes the copy that this connection made.
  func close() {
    database.close()
    if ownsCopy { unlink(path) }
  }
}

extension Database {
  /// Opens a file that nobody writes any more: without locks, and without minding what its header says of WAL.
  convenience init(readingCopy path: String, watch: Watch) throws(DriverFailure) {
    var uri = "file:"
    for byte in path.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"):
        uri.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        uri += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    try self.init(uri + "?immutable=1", shownAs: path, flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, watch: watch)
  }
}
