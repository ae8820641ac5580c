import BelayRows
import CArchive
import Crypto

/// Hands out a member's stored bytes in order, hashing them. Used by one thread at a time.
final class StoredReader {
  private let file: any ArchiveSource
  private var position: UInt64
  private let end: UInt64
  private let buffer: UnsafeMutableRawBufferPointer
  private var hasher = SHA256()
  /// What stopped it. libarchive only learns that something did.
  private(set) var failure: ArchiveError?

  init(_ file: any ArchiveSource, _ region: StoredRegion) {
    self.file = file
    position = region.offset
    end = region.offset + region.size
    // A megabyte for a member of a few bytes would matter if there are thousands of members.
    buffer = .allocate(byteCount: Int(min(max(region.size, 1), 256 << 10)), alignment: 4096)
  }

  deinit { buffer.deallocate() }

  /// The next bytes, valid until the next call; empty at the end.
  func next() throws(ArchiveError) -> UnsafeRawBufferPointer {
    let wanted = Int(min(UInt64(buffer.count), end - position))
    guard wanted > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
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
    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    hasher.update(bufferPointer: bytes)
    return bytes
  }

  /// SHA-256 of all stored bytes, also of those that nobody asked for.
  func finish() throws(ArchiveError) -> String {
    while try !next().isEmpty {}
    return Hex.text(hasher.finalize())
  }
}

/// Where libarchive's decoders get a member's stored bytes.
func readForLibarchive(
  _: OpaquePointer?, context: UnsafeMutableRawPointer?, bytes: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
  guard let context, let bytes else { return -1 }
  let reader = Unmanaged<StoredReader>.fromOpaque(context).takeUnretainedValue()
  do {
    let chunk = try reader.next()
    bytes.pointee = chunk.baseAddress
    return chunk.count
  } catch {
    return -1
  }
}
