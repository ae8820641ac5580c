import BelayDriverKit
import CSQLite

extension Database {
  /// Opens a file that nobody writes to any more: without locks, and whatever its header says about WAL.
  package convenience init(readingCopy path: String, watch: Watch) throws(DriverFailure) {
    var uri = "file:"
    for byte in path.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"):
        uri.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        uri += "%" + Hex.text(byte)
      }
    }
    try self.init(uri + "?immutable=1", shownAs: path, flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, watch: watch)
    loadSchemaIfPossible()
  }
}
