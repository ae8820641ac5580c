import CArchive
import Glibc

/// A place in an archive that moves on, for libarchive, which reads, skips and seeks by callbacks. Used by one thread.
final class SourceCursor {
  private let source: any ArchiveSource
  private var offset: UInt64 = 0
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 4096)
  /// What stopped it. libarchive only learns that something did.
  private(set) var failure: ArchiveError?

  init(_ source: any ArchiveSource) { self.source = source }

  deinit { buffer.deallocate() }

  /// Makes libarchive read from here, without reading the parts that it skips. The cursor must outlive the handle.
  /// - Returns: libarchive's status.
  func open(_ handle: OpaquePointer) -> Int32 {
    archive_read_set_callback_data(handle, Unmanaged.passUnretained(self).toOpaque())
    archive_read_set_read_callback(handle) { _, context, bytes in
      guard let context, let bytes else { return -1 }
      return SourceCursor.of(context).read(bytes)
    }
    archive_read_set_skip_callback(handle) { _, context, count in
      guard let context else { return 0 }
      return SourceCursor.of(context).skip(count)
    }
    return archive_read_open1(handle)
  }

  private static func of(_ context: UnsafeMutableRawPointer) -> SourceCursor {
    Unmanaged<SourceCursor>.fromOpaque(context).takeUnretainedValue()
  }

  private func read(_ bytes: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
    do throws(ArchiveError) {
      let count = try source.read(at: offset, into: buffer)
      offset += UInt64(count)
      bytes.pointee = UnsafeRawPointer(buffer.baseAddress)
      return count
    } catch {
      failure = error
      return -1
    }
  }

  /// Does not seek past the end: missing bytes are noticed when they are read.
  private func skip(_ count: Int64) -> Int64 {
    let skipped = min(UInt64(max(count, 0)), source.size - min(offset, source.size))
    offset += skipped
    return Int64(skipped)
  }
}
