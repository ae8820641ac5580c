import CArchive
import Glibc
import SystemPackage

/// A file that is being written. Used by one thread at a time.
class StagedFile {
  let path: FilePath
  private let descriptor: FileDescriptor
  /// The first failure. libarchive only learns that there was one; this says which.
  private(set) var failure: ArchiveError?

  /// Makes a new file, private to the user. An existing one, or a link in its place, is refused.
  convenience init(creating path: FilePath) throws(ArchiveError) {
    let descriptor: FileDescriptor
    do {
      descriptor = try FileDescriptor.open(
        path, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
        permissions: [.ownerReadWrite])
    } catch {
      throw .system("create", path.string, error)
    }
    self.init(descriptor, path: path)
  }

  /// Takes over `descriptor`.
  init(_ descriptor: FileDescriptor, path: FilePath) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit {
    // Whoever cares for a failing close has called sync() before.
    try? descriptor.close()
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
    if let failure { throw failure }
    do {
      try descriptor.writeAll(bytes)
    } catch {
      let error = ArchiveError.system("write", path.string, error)
      failure = error
      throw error
    }
  }

  /// Everything is on the disk when it returns.
  func sync() throws(ArchiveError) {
    if fsync(descriptor.rawValue) != 0 { throw .system("sync", path.string, code: errno) }
  }
}

/// Where writes through libarchive's filters end. libarchive gets no text of a failure: Swift cannot call its variadic
/// `archive_set_error`, and `StagedFile.failure` says more.
func writeForLibarchive(
  _: OpaquePointer?, context: UnsafeMutableRawPointer?, bytes: UnsafeRawPointer?, count: Int
) -> Int {
  guard let context else { return -1 }
  let file = Unmanaged<StagedFile>.fromOpaque(context).takeUnretainedValue()
  do {
    try file.write(UnsafeRawBufferPointer(start: bytes, count: count))
    return count
  } catch {
    return -1
  }
}
