import BelayDriverKit
import Glibc
import SQLiteDialect

/// A lock on a file next to the database; never on the database file, whose locks belong to SQLite.
///
/// `flock` belongs to the open file description: the lock ends with the process, and two connections of one process
/// exclude each other too.
final class SideFileLock {
  private let descriptor: Int32
  private let path: String
  private var isHeld = true

  /// Takes the lock without waiting, or throws `.busy` with the holder's process id.
  init(_ path: String, of database: String) throws(DriverFailure) {
    self.path = path
    descriptor = try Self.locked(path, database)
    ftruncate(descriptor, 0)
    let holder = Array("\(getpid())\n".utf8)
    // For people, and for the message when somebody else wants the lock; the lock itself does not need it.
    _ = pwrite(descriptor, holder, holder.count, 0)
  }

  deinit { release() }

  /// Removes the file, then releases the lock: a process that opened it meanwhile gets the lock and finds that the name
  /// no longer exists.
  func release() {
    guard isHeld else { return }
    isHeld = false
    unlink(path)
    close(descriptor)
  }

  private static func locked(_ path: String, _ database: String) throws(DriverFailure) -> Int32 {
    // If the file was removed between open and flock, the lock is on a file without a name: try again.
    for _ in 0..<100 {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
      guard descriptor >= 0 else {
        throw DriverFailure(
          errno == EACCES || errno == EROFS ? .denied : .io,
          "cannot lock \(database): \(path): \(SystemFile.text(of: errno))")
      }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        let reason = errno
        let holder = holder(descriptor)
        close(descriptor)
        guard reason == EWOULDBLOCK else {
          throw DriverFailure(.io, "cannot lock \(database): \(SystemFile.text(of: reason))")
        }
        throw DriverFailure(
          .busy, "\(database) is locked by \(holder.map { "process \($0)" } ?? "another process")",
          hint: "wait until that process has finished")
      }
      if isNamed(descriptor, path) { return descriptor }
      close(descriptor)
    }
    throw DriverFailure(.busy, "\(database) could not be locked: other processes keep locking and unlocking it")
  }

  private static func isNamed(_ descriptor: Int32, _ path: String) -> Bool {
    var held = stat()
    var named = stat()
    return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino
      && held.st_dev == named.st_dev
  }

  private static func holder(_ descriptor: Int32) -> Int? {
    var buffer = [UInt8](repeating: 0, count: 20)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return nil }
    return Int(String(decoding: buffer[..<count].prefix { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self))
  }
}

extension SQLiteConnection: Locking {
  func acquireLock(_ name: String, operation: Operation) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      guard locks[name] == nil else { throw DriverFailure(.busy, "this connection already holds the lock \(name)") }
      try refuseMovedFile()
      locks[name] = try SideFileLock(try lockPath(name), of: file.path)
    }
  }

  func releaseLock(_ name: String, operation: Operation) throws(DriverFailure) {
    guard let lock = locks.removeValue(forKey: name) else {
      throw DriverFailure(.notFound, "this connection does not hold the lock \(name)")
    }
    lock.release()
  }

  /// The name becomes part of a file's name.
  private func lockPath(_ name: String) throws(DriverFailure) -> String {
    let isSafe = name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"): true
      default: false
      }
    }
    guard isSafe, name.utf8.count <= 64 else {
      throw DriverFailure(.invalid, "\(name) is not a valid name for a lock", hint: "use letters, digits, - and _")
    }
    return "\(file.folder == "/" ? "" : file.folder)/.\(file.name).belay-lock\(name.isEmpty ? "" : "-" + name)"
  }
}
