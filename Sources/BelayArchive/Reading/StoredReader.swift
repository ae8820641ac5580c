import BelayRows
import Crypto

/// Hands out a member's stored bytes in order, hashing them. Used by one thread at a time.
final class StoredReader: MemberBytes {
  private let file: any ArchiveSource
  private var position: UInt64
  private let end: UInt64
  /// Of the zeros behind it.
  private let paddedEnd: UInt64
  private let buffer: UnsafeMutableRawBufferPointer
  private var hasher = SHA256()

  init(_ file: any ArchiveSource, _ region: StoredRegion) {
    self.file = file
    position = region.offset
    end = region.offset + region.size
    // A staged member has none.
    paddedEnd = min(region.paddedEnd, max(file.size, end))
    // A megabyte for a member of a few bytes would matter if there are thousands of members.
    buffer = .allocate(byteCount: Int(min(max(region.paddedEnd - region.offset, 1), 256 << 10)), alignment: 4096)
  }

  deinit { buffer.deallocate() }

  override func next() throws(ArchiveError) -> UnsafeRawBufferPointer {
    let wanted = Int(min(UInt64(buffer.count), paddedEnd - position))
    guard wanted > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let left = Int(min(UInt64(buffer.count), end - min(position, end)))
    let count: Int
    do throws(ArchiveError) {
      count = try file.read(at: position, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
    } catch {
      failure = error
      throw error
    }
    guard count > 0 else {
      let error = ArchiveError(.truncated, path: file.path, "\(file.path) was cut short while it was read")
      failure = error
      throw error
    }
    position += UInt64(count)
    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<min(count, left)])
    guard buffer[bytes.count..<count].allSatisfy({ $0 == 0 }) else {
      let error = ArchiveError(
        .damaged, path: file.path, "\(file.path) is damaged: there are bytes between its members",
        hint: "use another backup: `belay list` shows them")
      failure = error
      throw error
    }
    hasher.update(bufferPointer: bytes)
    return bytes
  }

  /// SHA-256 of all stored bytes, also of those that nobody asked for.
  func finish() throws(ArchiveError) -> String {
    while try !next().isEmpty {}
    return Hex.text(hasher.finalize())
  }
}
