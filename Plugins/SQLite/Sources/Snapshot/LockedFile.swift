import BelayDriverKit
import CSQLite
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
    guard !buffer.isEmpty else { return }
    guard let call = methods.xRead, call(file, buffer.baseAddress, Int32(buffer.count), offset) == SQLITE_OK else {
      throw unreadable
    }
  }

  private var unreadable: DriverFailure { DriverFailure(.io, "cannot read \(database.path)") }
}
