import Glibc
import SystemPackage

/// A file of the local disk, open for reading at any place from any thread. While it is open, nobody who asks removes it.
package final class ArchiveFile: ArchiveSource {
  package let path: String
  package let size: UInt64
  private let descriptor: FileDescriptor

  package init(_ path: FilePath) throws(ArchiveError) {
    self.path = path.string
    do {
      descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
    } catch {
      throw .system("open", path.string, error)
    }
    var status = stat()
    guard fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      // A failure to close a file that was not read loses nothing.
      try? descriptor.close()
      throw ArchiveError(.malformed, path: path.string, "\(path) is not a file")
    }
    size = UInt64(status.st_size)
    do throws(ArchiveError) {
      try FileInUse.share(descriptor, path.string)
    } catch {
      try? descriptor.close()
      throw error
    }
  }

  deinit {
    // A failure to close a file that was only read loses nothing.
    try? descriptor.close()
  }

  package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    do {
      return try descriptor.read(fromAbsoluteOffset: Int64(offset), into: buffer)
    } catch {
      throw .reading(path, error)
    }
  }
}
