import BelayDriverKit
import CSQLite
import Glibc
import SQLiteDialect

/// One open SQLite database, and the files that belay keeps next to it while the connection is open.
final class SQLiteConnection: DriverConnection {
  let file: DatabaseFile
  let settings: Settings
  let watch: Watch
  /// The database itself.
  private(set) var live: Database
  /// The instant that `query` and `catalog` read instead of the current state, from `acquireToken` or `adoptToken`.
  var view: View?
  /// The file was not there before. It goes again where nothing was put into it.
  private var hasMadeFile: Bool
  /// Locks that this connection holds, by name.
  var locks: [String: SideFileLock] = [:]

  init(_ file: DatabaseFile, _ settings: Settings, _ operation: Operation) throws(DriverFailure) {
    self.file = file
    self.settings = settings
    watch = Watch(busyTimeoutMilliseconds: settings.busyTimeoutMilliseconds)
    hasMadeFile = settings.creates && SystemFile.size(of: file.path) == nil
    live = try Self.open(file, settings, watch, operation)
  }

  /// The database that is read: the token's instant, or the current state if there is no token.
  var readable: Database { view?.database ?? live }

  /// Runs the body of one call. Meanwhile SQLite asks the call's operation whether to go on.
  func during<R: ~Copyable>(
    _ operation: Operation, _ body: () throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    watch.begin(operation)
    defer { watch.end() }
    try watch.check()
    return try body()
  }

  /// For calls that start a transaction of their own.
  func refuseTransaction(_ what: String) throws(DriverFailure) {
    guard live.isAutocommit else { throw DriverFailure(.invalid, "\(what) inside a transaction is not possible") }
  }

  /// For calls with which a change begins. The open file may have been replaced by another one. What is written to the
  /// open one would be lost, and its write-ahead log would damage the new one.
  func refuseMovedFile() throws(DriverFailure) {
    var hasMoved: Int32 = 0
    let code = sqlite3_file_control(live.handle, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved)
    guard code == SQLITE_OK, hasMoved != 0 else { return }
    throw DriverFailure(
      .io, "\(file.path) was moved, deleted or replaced while it was open",
      hint: "check which file is there now, then start again")
  }

  /// Opens the file again: a handle never reads a database's encoding a second time.
  func reopen(_ operation: Operation) throws(DriverFailure) {
    var settings = settings
    settings.creates = false
    let reopened = try Self.open(file, settings, watch, operation)
    live.close()
    live = reopened
    watch.begin(operation)
  }

  /// SQLite calls the watch every few thousand of its steps. sqlite3_interrupt would need a handle that no other thread
  /// could be closing at that moment.
  func interrupt() { watch.interrupt() }

  func close() {
    view?.close()
    view = nil
    for lock in locks.values { lock.release() }
    locks = [:]
    live.close()
    if hasMadeFile, SystemFile.size(of: file.path) == 0 { TemporaryFile.remove(file.path) }
    hasMadeFile = false
  }

  private static func open(
    _ file: DatabaseFile, _ settings: Settings, _ watch: Watch, _ operation: Operation
  ) throws(DriverFailure) -> Database {
    watch.begin(operation)
    defer { watch.end() }
    try refuseNoFile(file)
    var flags = settings.isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
    if settings.creates { flags |= SQLITE_OPEN_CREATE }
    let live = try Database(file.path, flags: flags, watch: watch)
    // Until here nothing has been read from the file: now is the time to notice that it is no database, or is locked.
    let objects = try live.loadSchema()
    if settings.creates, objects > 0 {
      throw DriverFailure(
        .constraint, "\(file.path) exists and is not empty",
        hint: "name a file that does not exist yet, or remove this one if it is not needed")
    }
    try live.run("PRAGMA foreign_keys=\(settings.enforcesForeignKeys ? "ON" : "OFF")")
    // Rebuilding indexes and restoring are several times faster than with the default of 2 MB.
    try live.run("PRAGMA cache_size=-32000")
    // A scratch database is gone after a crash of the system, or restored anew: nobody need wait for the disk.
    if file.isScratch { try live.run("PRAGMA synchronous=OFF") }
    if !settings.isReadOnly { live.counter = RowCounter(live) }
    return live
  }

  private static func refuseNoFile(_ file: DatabaseFile) throws(DriverFailure) {
    var status = stat()
    guard stat(file.path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw DriverFailure(.invalid, "\(file.path) is not a file", hint: "a SQLite database is one regular file")
    }
  }
}
