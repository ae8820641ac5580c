/// Where a member's stored bytes are in the archive.
struct StoredRegion: Sendable, Equatable {
  var offset: UInt64
  var size: UInt64

  /// The end of the last block: tar counts in 512 bytes.
  var paddedEnd: UInt64 { offset + (size + 511) / 512 * 512 }
}
