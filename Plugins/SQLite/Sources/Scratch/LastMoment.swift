import BelayDriverKit
import CSQLite
import Glibc
import SQLiteDialect

/// What is in a database when another one takes its place, kept in a file: whatever others were told is committed is in
/// it.
///
/// It is copied before the database is locked, so that others wait as briefly as can be, and again under the lock only if
/// somebody has written since.
final class LastMoment {
  /// Where the file is in the end: the path of the scratch database that takes the place.
  private let path: String
  /// The database's own.
  private let file: LockedFile
  /// A second handle: SQLite's backup may be the only user of the first one.
  private let reader: Database
  private let isWAL: Bool
  /// Changes with everything that is committed.
  private let version: Int64

  /// Where the scratch database lies from the moment in which its path leads to the previous content.
  private var incoming: String { Self.incoming(of: path) }
  private var copy: String { Self.copy(of: path) }

  /// - Parameter live: not in a transaction.
  init(of live: Database, in path: String, _ what: String) throws(DriverFailure) {
    self.path = path
    file = try LockedFile(live)
    reader = try Database(live.path, flags: SQLITE_OPEN_READONLY, watch: live.watch)
    reader.loadSchemaIfPossible()
    isWAL = try live.text("PRAGMA main.journal_mode") == "wal"
    version = try Self.version(reader, isWAL: isWAL)
    try Self.removeRest(of: path)
    try ScratchFile.create(Self.copy(of: path))
    try PageCopy.snapshot(of: reader, into: Self.copy(of: path), what)
  }

  deinit {
    reader.close()
    TemporaryFile.remove(Self.copy(of: path))
  }

  /// Nobody else can write to the database any more. Whatever ends this process from here on, the path leads to its
  /// content.
  func take(_ what: String) throws(DriverFailure) {
    if isWAL {
      // Readers are let in.
      if try Self.version(reader, isWAL: true) != version { try PageCopy.snapshot(of: reader, into: copy, what) }
    } else if try Self.counter(in: file) != version {
      try CopiedFile(copy).catchUp(with: file, size: file.size(), reader.watch, what)
    }
    try Self.sync(copy)
    try Self.rename(path, to: incoming)
    try Self.rename(copy, to: path)
    try Self.syncFolder(of: path)
  }

  /// The place was not taken after all: the path leads to the scratch database again.
  func giveBack() throws(DriverFailure) {
    guard SystemFile.size(of: incoming) != nil else { return }
    try Self.rename(incoming, to: path)
    try Self.syncFolder(of: path)
  }

  /// Removes what is beside the path after a promote, or after a process that was killed in one.
  static func removeRest(of path: String) throws(DriverFailure) {
    for rest in [incoming(of: path), copy(of: path)] { try ScratchFile.remove(rest) }
  }

  private static func incoming(of path: String) -> String { path + "-incoming" }
  private static func copy(of path: String) -> String { path + "-previous" }

  // MARK: Whether somebody has written

  private static func version(_ reader: Database, isWAL: Bool) throws(DriverFailure) -> Int64 {
    if isWAL { return try reader.integer("PRAGMA data_version") }
    // Under a lock: a counter that somebody is about to write, and may take back, says nothing.
    try reader.run("BEGIN")
    do throws(DriverFailure) {
      _ = try reader.integer("SELECT count(*) FROM sqlite_schema")
      let found = try counter(in: LockedFile(reader))
      try reader.run("COMMIT")
      return found
    } catch {
      sqlite3_exec(reader.handle, "ROLLBACK", nil, nil, nil)
      throw error
    }
  }

  /// The file change counter (https://www.sqlite.org/fileformat2.html#file_change_counter); 0 for an empty file.
  private static func counter(in file: LockedFile) throws(DriverFailure) -> Int64 {
    guard try file.size() >= 28 else { return 0 }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 4)
    defer { buffer.deallocate() }
    try file.read(into: buffer, at: 24)
    return buffer.reduce(0) { $0 << 8 | Int64($1) }
  }

  // MARK: Files

  private static func rename(_ path: String, to other: String) throws(DriverFailure) {
    guard Glibc.rename(path, other) == 0 else {
      throw DriverFailure(.io, "cannot rename \(path): \(SystemFile.text(of: errno))")
    }
  }

  private static func syncFolder(of path: String) throws(DriverFailure) {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    try sync(folder.isEmpty ? "/" : folder)
  }

  private static func sync(_ path: String) throws(DriverFailure) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DriverFailure(.io, "cannot open \(path): \(SystemFile.text(of: errno))") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw DriverFailure(.io, "cannot write \(path) to the disk: \(SystemFile.text(of: errno))")
    }
  }
}
