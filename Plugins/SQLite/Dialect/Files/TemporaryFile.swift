import BelayDriverKit
import Glibc

/// A temporary file that only this user can read. It is removed when it goes out of scope.
///
/// It need never reach the disk. ext4 writes a file that was truncated, even an empty one, to the disk as soon as it is
/// closed (https://docs.kernel.org/admin-guide/ext4.html, auto_da_alloc), and whoever commits a transaction meanwhile waits
/// for that. So it is not truncated.
package struct TemporaryFile: ~Copyable {
  package let path: String
  private var isKept = false

  /// Creates an empty file in a folder; its name starts with `prefix`.
  package init(in folder: String, prefix: String) throws(DriverFailure) {
    var template = Array("\(folder == "/" ? "" : folder)/\(prefix)-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw DriverFailure(.io, "cannot make a file in \(folder): \(SystemFile.text(of: errno))")
    }
    Glibc.close(descriptor)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { if !isKept { Self.remove(path) } }

  /// Passes the file to a caller that removes it later.
  package consuming func keep() -> String {
    isKept = true
    return path
  }

  /// Removes a database of belay's, and the files that SQLite created next to it.
  package static func remove(_ path: String) {
    // The file itself last: as long as it exists, its journals can be found by its name.
    for suffix in ["-journal", "-wal", "-shm", ""] { unlinkInSteps(path + suffix) }
  }

  /// Bytes that are freed at once: some milliseconds.
  private static let freedAtOnce: Int64 = 16 << 20

  /// To free a large file in one go keeps whoever commits on that file system waiting: 200 ms for 600 MB on ext4. So it is
  /// first taken out of its folder, and then made shorter step by step, if nobody else has it open.
  private static func unlinkInSteps(_ path: String) {
    guard SystemFile.size(of: path).map({ $0 > freedAtOnce }) == true else {
      unlink(path)
      return
    }
    let descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
    unlink(path)
    guard descriptor >= 0 else { return }
    defer { Glibc.close(descriptor) }
    // The kernel grants a lease for writing where the file is open nowhere else (fcntl(2)). The constant is Linux's own.
    let setLease: Int32 = 1024
    guard fcntl(descriptor, setLease, Int32(F_WRLCK)) == 0 else { return }
    _ = fcntl(descriptor, setLease, Int32(F_UNLCK))
    var size = Int64(lseek(descriptor, 0, SEEK_END))
    while size > freedAtOnce {
      size -= freedAtOnce
      guard ftruncate(descriptor, off_t(size)) == 0 else { return }
    }
  }

  /// Fills the file, which is empty, from the host's stream.
  package borrowing func fill(from source: ByteSource, _ watch: Watch) throws(DriverFailure) {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw DriverFailure(.io, "cannot write \(path): \(SystemFile.text(of: errno))")
    }
    defer { Glibc.close(descriptor) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    while true {
      try watch.check()
      let count = try source.read(into: buffer)
      if count == 0 { return }
      var rest = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      while !rest.isEmpty {
        let written = write(descriptor, rest.baseAddress, rest.count)
        guard written > 0 else {
          if written < 0, errno == EINTR { continue }
          throw DriverFailure(
            .io, "cannot write \(path): \(SystemFile.text(of: errno))", hint: "make room on the disk")
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
  }

  /// Copies a file of belay's to the host's stream.
  package static func stream(_ path: String, to sink: ByteSink, _ watch: Watch) throws(DriverFailure) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw DriverFailure(.io, "cannot read \(path): \(SystemFile.text(of: errno))")
    }
    defer { Glibc.close(descriptor) }
    let total = Int(SystemFile.size(of: path) ?? 0)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    var done = 0
    while true {
      try watch.check()
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw DriverFailure(.io, "cannot read \(path): \(SystemFile.text(of: errno))") }
      if count == 0 { return }
      try sink.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      done += count
      watch.progress(done, of: total, "writing the dump")
    }
  }
}

extension TemporaryFile {
  /// The first bytes of a file of belay's.
  package static func head(_ path: String, _ count: Int) throws(DriverFailure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DriverFailure(.io, "cannot read \(path): \(SystemFile.text(of: errno))") }
    defer { Glibc.close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: count)
    let got = pread(descriptor, &bytes, count, 0)
    return Array(bytes[..<max(got, 0)])
  }
}
