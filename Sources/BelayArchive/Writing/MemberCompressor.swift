import CArchive

/// One member as it is stored: compressed by libarchive's own filter, no container around it, so that `zstd -d` reads it.
/// Used by one thread at a time.
final class MemberCompressor {
  /// What became of it.
  struct Stored: Sendable, Equatable {
    var bytes: UInt64
    var storedBytes: UInt64
    var sha256: String
  }

  private let file: HashedFile
  private let writer: LibarchiveWriter
  private var bytes: UInt64 = 0

  init(_ file: HashedFile, compression: Compression, level: Int) throws(ArchiveError) {
    self.file = file
    writer = try LibarchiveWriter(file)
    try writer.configure { archive_write_set_format_raw($0) }
    switch compression {
    case .none:
      break
    case .zstd:
      try writer.configure { archive_write_add_filter_zstd($0) }
      try writer.configure { archive_write_set_filter_option($0, "zstd", "compression-level", String(level)) }
    case .gzip:
      try writer.configure { archive_write_add_filter_gzip($0) }
      try writer.configure { archive_write_set_filter_option($0, "gzip", "compression-level", String(level)) }
      // Otherwise the same rows would give different bytes a second later.
      try writer.configure { archive_write_set_filter_option($0, "gzip", "timestamp", nil) }
    }
    // Blocks are for tapes: bytes are written as the filter returns them, without padding at the end.
    try writer.configure { archive_write_set_bytes_per_block($0, 0) }
    try writer.configure { archive_write_set_bytes_in_last_block($0, 1) }
    try writer.open()
    try writer.header(name: "data", size: nil, modified: 0)
  }

  func write(_ chunk: UnsafeRawBufferPointer) throws(ArchiveError) {
    try writer.data(chunk)
    bytes += UInt64(chunk.count)
  }

  func finish() throws(ArchiveError) -> Stored {
    try writer.close()
    try file.end()
    return Stored(bytes: bytes, storedBytes: file.count, sha256: file.sha256)
  }
}
