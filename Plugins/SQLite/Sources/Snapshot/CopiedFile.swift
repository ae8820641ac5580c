import BelayDriverKit
import Glibc
import SQLiteDialect

/// A private file to which a database is copied, byte by byte. Nobody else has it open.
struct CopiedFile: ~Copyable {
  /// Bytes. Two of them fit into a processor's cache.
  private static let comparedAtOnce = 256 << 10

  private let path: String
  private let descriptor: Int32

  /// The file must exist.
  init(_ path: String) throws(DriverFailure) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw DriverFailure(.io, "cannot write \(path): \(SystemFile.text(of: errno))")
    }
  }

  deinit { close(descriptor) }

  borrowing func write(_ bytes: UnsafeRawBufferPointer, at place: Int64) throws(DriverFailure) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(place) + off_t(done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw unwritable }
      done += count
    }
  }

  /// Makes it equal to a database that nobody can write to now. Only what differs is written.
  borrowing func catchUp(with file: LockedFile, size: Int64, _ watch: Watch, _ what: String) throws(DriverFailure) {
    let found = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.comparedAtOnce, alignment: 4096)
    let copied = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.comparedAtOnce, alignment: 4096)
    defer {
      found.deallocate()
      copied.deallocate()
    }
    var place: Int64 = 0
    while place < size {
      try watch.check()
      let part = UnsafeMutableRawBufferPointer(rebasing: found[..<min(found.count, Int(size - place))])
      try file.read(into: part, at: place)
      if try !holds(part, at: place, copied) { try write(UnsafeRawBufferPointer(part), at: place) }
      place += Int64(part.count)
      watch.progress(Int(place), of: Int(size), what)
    }
    try end(at: size)
  }

  /// Cuts off what lies behind `size`.
  borrowing func end(at size: Int64) throws(DriverFailure) {
    guard ftruncate(descriptor, off_t(size)) == 0 else { throw unwritable }
  }

  /// Whether these bytes are at `place`.
  private borrowing func holds(
    _ bytes: UnsafeMutableRawBufferPointer, at place: Int64, _ room: UnsafeMutableRawBufferPointer
  ) throws(DriverFailure) -> Bool {
    let count = pread(descriptor, room.baseAddress, bytes.count, off_t(place))
    guard count >= 0 || errno == EINTR else {
      throw DriverFailure(.io, "cannot read \(path): \(SystemFile.text(of: errno))")
    }
    guard count == bytes.count, let ours = room.baseAddress, let theirs = bytes.baseAddress else { return false }
    return memcmp(ours, theirs, count) == 0
  }

  private var unwritable: DriverFailure {
    DriverFailure(.io, "cannot write \(path): \(SystemFile.text(of: errno))", hint: "make room on the disk")
  }
}
