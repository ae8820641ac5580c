import BelayRows
import Glibc

/// A small file next to a driver: its record or its signature. Nobody else may be able to write to it.
enum SideFile {
  private static let mostBytes = 1 << 20

  /// nil if there is none.
  static func read(_ path: String) throws(FileFlaw) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw FileFlaw(reason: "\(path) cannot be read: \(String(errorNumber: errno))", hint: nil)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size < mostBytes else {
      throw FileFlaw(reason: "\(path) is not a regular file, or is too large", hint: nil)
    }
    if let flaw = Ownership(status).flaw {
      throw FileFlaw(reason: "\(path) \(flaw.text)", hint: flaw.hint(for: path))
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    guard count == bytes.count else {
      throw FileFlaw(reason: "\(path) cannot be read: \(String(errorNumber: errno))", hint: nil)
    }
    return bytes
  }
}
