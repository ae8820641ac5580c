import BelayRows
import Crypto
import Glibc
import Synchronization
import SystemPackage

/// The bytes of a member that lies in the archive as they come, read from where it is staged while it is still written.
///
/// The end is proof: it is reached only when the member is written to its end, and what was read has its SHA-256. Read by
/// one thread at a time; `stop` from any.
package final class FollowedMember: Sendable {
  private let writer: MemberWriter
  private let path: FilePath
  private let place = Mutex(Place())
  private let isStopped = Atomic(false)

  private struct Place {
    var file: ArchiveFile?
    var offset: UInt64 = 0
    var hasher = SHA256()
  }

  init(_ writer: MemberWriter, at path: FilePath) {
    self.writer = writer
    self.path = path
  }

  /// Nothing more will come: whoever waits for it learns that at once.
  package func stop() { isStopped.store(true, ordering: .releasing) }

  /// Fills at most `buffer`, maybe less, and waits for the first byte; 0 is the end. `buffer` must not be empty.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    try place.withLock { place throws(ArchiveError) in
      while true {
        // Checked before reading: if the member is complete by then, all of it can be read.
        let stored = writer.stored
        if place.file == nil { place.file = try opened(mustExist: stored != nil) }
        let count = try place.file?.read(at: place.offset, into: buffer) ?? 0
        if count > 0 {
          place.offset += UInt64(count)
          place.hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
          return count
        }
        if let stored {
          try prove(place, stored)
          return 0
        }
        if isStopped.load(ordering: .acquiring) {
          throw ArchiveError(.cancelled, path: path.string, "\(writer.name) was cancelled")
        }
        usleep(Self.pause)
      }
    }
  }

  /// In microseconds. The writer puts half a MiB and more at a time.
  private static let pause: UInt32 = 2000

  /// The file is made with its first bytes.
  private func opened(mustExist: Bool) throws(ArchiveError) -> ArchiveFile? {
    guard mustExist || access(path.string, F_OK) == 0 else { return nil }
    return try ArchiveFile(path)
  }

  private func prove(_ place: Place, _ stored: MemberCompressor.Stored) throws(ArchiveError) {
    guard place.offset == stored.storedBytes, Hex.text(place.hasher.finalize()) == stored.sha256 else {
      throw ArchiveError(
        .damaged, path: path.string, member: writer.name, "\(writer.name) does not read back as it was written",
        hint: "check the disk of the store")
    }
  }
}
