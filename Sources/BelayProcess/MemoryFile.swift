import CSpawn
import Glibc

/// A file that is only in memory and has no name: for what a child process has to read, and no disk may hold. It is passed on
/// as a descriptor, which any number of children may open as /dev/fd/N, each from the beginning.
package final class MemoryFile: Sendable {
  package let descriptor: Int32

  /// MFD_CLOEXEC
  private static let closesOnExec: UInt32 = 1

  package init(_ bytes: [UInt8]) throws(ProcessStart.Failure) {
    descriptor = memfd_create("belay", Self.closesOnExec)
    guard descriptor >= 0 else { throw ProcessStart.Failure(code: errno) }
    guard FileBytes.writeAll(bytes, to: descriptor), lseek(descriptor, 0, SEEK_SET) == 0 else {
      let code = errno
      close(descriptor)
      throw ProcessStart.Failure(code: code)
    }
  }

  deinit { close(descriptor) }
}
