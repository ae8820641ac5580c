import BelayDriverKit
import Glibc
import SQLiteDialect

/// The file of an import while it is being written: its bytes, their number, and their MD5, by which D1 identifies
/// them.
final class ImportFile {
  let path: String
  private let descriptor: Int32
  private let md5: MD5
  private var buffer: [UInt8] = []
  private(set) var bytes: Int64 = 0

  init(in folder: String) throws(DriverFailure) {
    md5 = try MD5()
    path = try TemporaryFile(in: folder, prefix: ".belay-import").keep()
    descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw DriverFailure(.io, "cannot write \(path): \(SystemFile.text(of: errno))")
    }
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  /// Writes one statement and a semicolon.
  func write(_ statement: String) throws(DriverFailure) {
    buffer += CanonicalSQL.terminated(statement).utf8
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count > 1 << 20 { try flush() }
  }

  /// Ends the file.
  /// - Returns: its MD5 in hex.
  func finish() throws(DriverFailure) -> String {
    try flush()
    guard bytes <= Limits.importBytes else {
      throw DriverFailure(
        .denied, "the import would have \(bytes) bytes, and D1 accepts at most \(Limits.importBytes)",
        hint: "load the rows of large tables separately")
    }
    return md5.finish()
  }

  private func flush() throws(DriverFailure) {
    buffer.withUnsafeBytes { md5.add($0) }
    bytes += Int64(buffer.count)
    var rest = buffer[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else {
        throw DriverFailure(.io, "cannot write \(path): \(SystemFile.text(of: errno))", hint: "make room on the disk")
      }
      rest = rest.dropFirst(written)
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
