import BelayDriverKit
import CSQLite
import Glibc
import SQLiteDialect

/// The bytes of a database file that is locked, read through SQLite's own descriptor: POSIX drops all of a process's locks
/// on a file as soon as it closes any other descriptor of it.
struct LockedFile {
  private let file: UnsafeMutablePointer<sqlite3_file>
  private let methods: sqlite3_io_methods
  private let database: Database

  init(_ database: Database) throws(DriverFailure) {
    var found: UnsafeMutablePointer<sqlite3_file>?
    let code = sqlite3_file_control(database.handle, "main", SQLITE_FCNTL_FILE_POINTER, &found)
    guard code == SQLITE_OK, let found, let methods = found.pointee.pMethods else {
      throw DriverFailure(.internal, "SQLite has no file for \(database.path)")
    }
    file = found
    self.methods = methods.pointee
    self.database = database
  }

  func size() throws(DriverFailure) -> Int64 {
    var size: sqlite3_int64 = 0
    guard let call = methods.xFileSize, call(file, &size) == SQLITE_OK else { throw unreadable }
    return size
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(DriverFailure) {
    guard let call = methods.xRead, call(file, buffer.baseAddress, Int32(buffer.count), offset) == SQLITE_OK else {
      throw unreadable
    }
  }

  /// Replaces the content of a file of belay's.
  func copy(to path: String) throws(DriverFailure) {
    let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
    guard descriptor >= 0 else { throw unwritable(path) }
    defer { close(descriptor) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    let size = try size()
    var done: Int64 = 0
    while done < size {
      try database.watch.check()
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(Int64(buffer.count), size - done))])
      try read(into: part, at: done)
      var rest = UnsafeRawBufferPointer(part)
      while !rest.isEmpty {
        let written = write(descriptor, rest.baseAddress, rest.count)
        guard written > 0 else {
          if written < 0, errno == EINTR { continue }
          throw unwritable(path)
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
      done += Int64(part.count)
    }
  }

  private var unreadable: DriverFailure { DriverFailure(.io, "cannot read \(database.path)") }

  private func unwritable(_ path: String) -> DriverFailure {
    DriverFailure(.io, "cannot write \(path): \(SystemFile.text(of: errno))", hint: "make room on the disk")
  }
}
