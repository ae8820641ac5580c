import Glibc

/// A file that has no name, so that nobody finds it and nothing of it is left.
final class UnnamedFile: Sendable {
  let descriptor: Int32

  /// An empty one.
  init() throws(ProcessStart.Failure) {
    guard let file = tmpfile() else { throw ProcessStart.Failure(code: errno) }
    descriptor = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0)
    fclose(file)
    guard descriptor >= 0 else { throw ProcessStart.Failure(code: errno) }
  }

  /// One that holds these bytes, to be read from its beginning.
  convenience init(_ bytes: [UInt8]) throws(ProcessStart.Failure) {
    try self.init()
    guard FileBytes.writeAll(bytes, to: descriptor), lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw ProcessStart.Failure(code: errno)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The last bytes of it, at most so many, whatever its place is.
  func end(most: Int) -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: min(most, Int(status.st_size)))
    let start = off_t(status.st_size) - off_t(bytes.count)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, start) }
    return Array(bytes.prefix(max(0, count)))
  }
}
