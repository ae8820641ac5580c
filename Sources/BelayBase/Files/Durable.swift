import BelaySystem
import Foundation
import SystemPackage

/// Writing that survives a power cut: the file and the folder that names it are both synced.
package enum Durable {
  /// Replaces `path` as a whole: temporary name, fsync, rename, fsync of the folder.
  /// - Parameter isShared: several may do it at once; then each has a temporary name of its own.
  package static func write(
    _ bytes: Data, to path: FilePath, permissions: FilePermissions = [.ownerReadWrite], isShared: Bool = false
  ) throws(Errno) {
    let temporary = FilePath(path.string + (isShared ? ".\(UUID().uuidString)" : "") + ".partial")
    let file = try typed {
      try FileDescriptor.open(
        temporary, .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow, .nonBlocking],
        permissions: permissions)
    }
    do throws(Errno) {
      // A umask may have taken away what others need.
      if permissions != [.ownerReadWrite], fchmod(file.rawValue, permissions.rawValue) != 0 {
        throw Errno(rawValue: errno)
      }
      _ = try typed { try file.writeAll(bytes) }
      try sync(file)
      try typed { try file.close() }
    } catch {
      unlink(temporary.string)
      throw error
    }
    guard rename(temporary.string, path.string) == 0 else { throw Errno(rawValue: errno) }
    try syncFolder(path.removingLastComponent())
  }

  /// Makes or rewrites a file in its own place. Whatever fails, and after a crash, a file of that name may be there, whole
  /// or in part.
  package static func create(_ bytes: Data, at path: FilePath) throws(Errno) {
    let file = try typed {
      try FileDescriptor.open(
        path, .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow, .nonBlocking],
        permissions: [.ownerReadWrite])
    }
    do throws(Errno) {
      _ = try typed { try file.writeAll(bytes) }
      try sync(file)
    } catch {
      try? file.close()  // the first error counts
      throw error
    }
    try typed { try file.close() }
    try syncFolder(path.removingLastComponent())
  }

  /// Makes a file whose name nothing has; `.fileExists` where something has. After a failure there is none.
  package static func createNew(
    _ bytes: Data, at path: FilePath, permissions: FilePermissions
  ) throws(Errno) {
    let file = try typed {
      try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow], permissions: permissions)
    }
    do throws(Errno) {
      _ = try typed { try file.writeAll(bytes) }
      try sync(file)
    } catch {
      try? file.close()  // the first error counts
      unlink(path.string)
      throw error
    }
    try typed { try file.close() }
    try syncFolder(path.removingLastComponent())
  }

  /// Adds one line to a file that only grows, and syncs it. A line of which only a part fits on the disk is taken out
  /// again: the next one would be glued to it, and both be unreadable.
  package static func append(_ line: Data, to file: FileDescriptor) throws(Errno) {
    let end = try typed { try file.seek(offset: 0, from: .end) }
    do {
      _ = try typed { try file.writeAll(line) }
    } catch {
      ftruncate(file.rawValue, Int(end))  // the first error counts
      throw error
    }
    try sync(file)
  }

  static func sync(_ file: FileDescriptor) throws(Errno) {
    guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
  }

  /// Makes the content of a file that another handle has written survive.
  package static func syncFile(_ path: FilePath) throws(Errno) {
    let handle = try typed { try FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) }
    defer { try? handle.close() }  // read-only: nothing can be lost by a failed close
    try sync(handle)
  }

  /// Makes a rename or a new name in `folder` survive.
  package static func syncFolder(_ folder: FilePath) throws(Errno) {
    let path = folder.isEmpty ? FilePath(".") : folder
    let handle = try typed { try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec]) }
    defer { try? handle.close() }  // read-only: nothing can be lost by a failed close
    try sync(handle)
  }

  /// Makes a folder and its parents, private to the user unless mode says otherwise.
  package static func makeFolder(_ path: FilePath, mode: mode_t = 0o700) throws(Errno) {
    if mkdir(path.string, mode) == 0 {
      // What the umask took away belongs to what was asked for.
      if mode != 0o700, chmod(path.string, mode) != 0 { throw Errno(rawValue: errno) }
      try syncFolder(path.removingLastComponent())
      return
    }
    switch errno {
    case EEXIST:
      var info = stat()
      guard stat(path.string, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else { throw .notDirectory }
    case ENOENT where !path.removingLastComponent().isEmpty:
      try makeFolder(path.removingLastComponent(), mode: mode)
      try makeFolder(path, mode: mode)
    case let code:
      throw Errno(rawValue: code)
    }
  }

  /// What a failed write can be due to.
  package static func hint(for error: any Error) -> String {
    (error as? Errno).flatMap { SystemLimit.hint(for: $0.rawValue) } ?? "is the store's disk full?"
  }

  /// swift-system throws `any Error`, though it only ever throws `Errno`.
  package static func typed<T>(_ body: () throws -> T) throws(Errno) -> T {
    do { return try body() } catch let error as Errno { throw error } catch { throw .ioError }
  }
}
