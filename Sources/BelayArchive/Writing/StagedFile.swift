import CArchive
import Glibc
import SystemPackage

/// A file that is being written. Used by one thread at a time.
class StagedFile {
  let path: FilePath
  fileprivate let descriptor: FileDescriptor
  /// The first failure. libarchive only learns that there was one; this says which.
  private(set) var failure: ArchiveError?

  /// Makes a new file, private to the user. An existing one, or a link in its place, is refused.
  init(creating path: FilePath) throws(ArchiveError) {
    do {
      descriptor = try FileDescriptor.open(
        path, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
        permissions: [.ownerReadWrite])
    } catch {
      throw .system("create", path.string, error)
    }
    self.path = path
  }

  /// Takes over `descriptor`.
  init(_ descriptor: FileDescriptor, path: FilePath) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Nothing more is written, for this reason.
  func fail(_ error: ArchiveError) { failure = failure ?? error }

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

/// A large file that is synced at its end. What was written goes to the disk little by little: a disk that has hundreds of
/// megabytes to write at once lets whoever commits a transaction on it wait for all of them.
final class SteadyFile: StagedFile {
  private static let piece: Int64 = 8 << 20
  private var written: Int64 = 0
  /// What the disk was asked to write last.
  private var asked: Range<Int64> = 0..<0

  override func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
    try super.write(bytes)
    written += Int64(bytes.count)
    guard written - asked.upperBound >= Self.piece else { return }
    // It has had time until now. A failure shows when the file is synced.
    if !asked.isEmpty { writeOut(asked, waits: true) }
    asked = asked.upperBound..<written
    writeOut(asked, waits: false)
  }

  private func writeOut(_ range: Range<Int64>, waits: Bool) {
    _ = belay_write_out(descriptor.rawValue, range.lowerBound, range.upperBound - range.lowerBound, waits ? 1 : 0)
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
