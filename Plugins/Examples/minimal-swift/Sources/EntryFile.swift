import BelayDriverKit
import Glibc

/// The file of one database.
struct EntryFile {
  /// The path without links, so that two names of one file are one database.
  let path: String

  init(_ path: String, mayBeNew: Bool) throws(DriverFailure) {
    if mayBeNew, let file = fopen(path, "ae") { fclose(file) }
    guard let real = realpath(path, nil) else { throw EntryFile.failure(path) }
    self.path = String(cString: real)
    free(real)
  }

  func load() throws(DriverFailure) -> EntryTable {
    guard let file = fopen(path, "re") else { throw EntryFile.failure(path) }
    defer { fclose(file) }
    var (text, piece): ([UInt8], [UInt8]) = ([], Array(repeating: 0, count: 1 << 16))
    while true {
      let count = fread(&piece, 1, piece.count, file)
      if count == 0 { break }
      text.append(contentsOf: piece[..<count])
    }
    guard ferror(file) == 0 else { throw EntryFile.failure(path) }
    var table = EntryTable()
    do throws(DriverFailure) {
      guard let text = String(validating: text, as: UTF8.self) else { throw DriverFailure(.corrupt, "no UTF-8") }
      _ = try table.run(text, operation: nil)
    } catch {
      throw DriverFailure(.corrupt, "\(path) contains something other than INSERT statements: \(error.message)")
    }
    return table
  }

  /// Writes a new file beside the old one, syncs it, renames it over the old one, and syncs the folder.
  func save(_ table: EntryTable) throws(DriverFailure) {
    let new = path + ".new"
    guard let file = fopen(new, "we") else { throw EntryFile.failure(new) }
    for row in table.rows {
      let value = row.value.map { SQLQuote.literal($0) } ?? "NULL"
      let line = Array("INSERT INTO entry (key, value) VALUES (\(SQLQuote.literal(row.key)), \(value));\n".utf8)
      fwrite(line, 1, line.count, file)
    }
    let isWritten = fflush(file) == 0 && ferror(file) == 0 && fsync(fileno(file)) == 0
    guard fclose(file) == 0, isWritten, rename(new, path) == 0 else {
      let failure = EntryFile.failure(new)
      unlink(new)
      throw failure
    }
    let folder = Glibc.open(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/", O_RDONLY | O_CLOEXEC)
    defer { if folder >= 0 { Glibc.close(folder) } }
    guard folder >= 0, fsync(folder) == 0 else {
      throw DriverFailure(
        .io, "written, but a power failure may undo it: the folder could not be synced", outcome: .applied)
    }
  }

  /// Blocks other writers until it is closed.
  func lock() throws(DriverFailure) -> Int32 {
    let lock = Glibc.open(path + ".lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o666)
    guard lock >= 0 else { throw EntryFile.failure(path + ".lock") }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      Glibc.close(lock)
      throw DriverFailure(.busy, "somebody else is writing to \(path)")
    }
    return lock
  }

  private static func failure(_ path: String) -> DriverFailure {
    DriverFailure(errno == ENOENT ? .notFound : .io, "\(path): \(String(cString: strerror(errno)))")
  }
}
