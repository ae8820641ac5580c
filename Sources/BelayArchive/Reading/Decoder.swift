import CArchive

/// Decodes one member's bytes with libarchive, block by block. Used by one thread at a time.
final class Decoder {
  private let handle: OpaquePointer
  private let bytes: MemberBytes
  private var isAtEnd = false

  /// Undoes exactly `compression` (zstd or gzip), once: were the filter left to libarchive to find, a dump that is itself
  /// a .zst would come out decoded twice.
  init?(_ bytes: MemberBytes, _ compression: Compression) {
    guard let handle = archive_read_new() else { return nil }
    self.handle = handle
    self.bytes = bytes
    let filter = compression == .zstd ? ARCHIVE_FILTER_ZSTD : ARCHIVE_FILTER_GZIP
    var entry: OpaquePointer?
    guard archive_read_set_format(handle, ARCHIVE_FORMAT_RAW) == ARCHIVE_OK,
      archive_read_append_filter(handle, filter) == ARCHIVE_OK,
      archive_read_open(handle, Unmanaged.passUnretained(bytes).toOpaque(), nil, readForLibarchive, nil)
        == ARCHIVE_OK
    else { return nil }
    switch archive_read_next_header(handle, &entry) {
    case ARCHIVE_OK: break
    case ARCHIVE_EOF: isAtEnd = true
    default: return nil
    }
  }

  deinit { archive_read_free(handle) }

  /// The next decoded bytes, valid until the next call; empty at the end. Throws libarchive's error.
  func next() throws(Reason) -> UnsafeRawBufferPointer {
    var bytes: UnsafeRawPointer?
    var count = 0
    var offset: Int64 = 0
    while !isAtEnd {
      switch archive_read_data_block(handle, &bytes, &count, &offset) {
      case ARCHIVE_OK where count > 0:
        return UnsafeRawBufferPointer(start: bytes, count: count)
      case ARCHIVE_OK:
        continue
      case ARCHIVE_EOF:
        isAtEnd = true
      default:
        throw Reason(text: archive_error_string(handle).map { String(cString: $0).lowercased() } ?? "unknown error")
      }
    }
    return UnsafeRawBufferPointer(start: nil, count: 0)
  }

  struct Reason: Error { var text: String }
}
