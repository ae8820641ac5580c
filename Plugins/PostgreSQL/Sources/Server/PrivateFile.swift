import BelayDriverKit
import Glibc

/// A temporary file that only this user can read. It is removed when it goes out of scope.
final class PrivateFile {
  let path: String

  /// Creates an empty file in a folder; its name starts with `prefix`.
  init(in folder: String, prefix: String) throws(DriverFailure) {
    var template = Array("\(folder == "/" ? "" : folder)/\(prefix)-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw DriverFailure(.io, "cannot make a file in \(folder): \(String(cString: strerror(errno)))")
    }
    close(descriptor)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { unlink(path) }

  func write(_ text: String) throws(DriverFailure) {
    let bytes = Array(text.utf8)
    var rest = bytes[...]
    try fill { (buffer) throws(DriverFailure) in
      let count = min(buffer.count, rest.count)
      buffer.copyBytes(from: rest.prefix(count))
      rest = rest.dropFirst(count)
      return count
    }
  }

  /// Fills the file from `source`; 0 means the end.
  func fill(
    from source: (UnsafeMutableRawBufferPointer) throws(DriverFailure) -> Int
  ) throws(DriverFailure) {
    let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("write") }
    defer { close(descriptor) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    while true {
      let count = try source(buffer)
      if count == 0 { return }
      var rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])
      while !rest.isEmpty {
        let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
        guard written > 0 else {
          if written < 0, errno == EINTR { continue }
          throw failure("write")
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
  }

  private func failure(_ what: String) -> DriverFailure {
    DriverFailure(
      .io, "cannot \(what) \(path): \(String(cString: strerror(errno)))",
      hint: errno == ENOSPC ? "make room on the disk" : "")
  }
}
