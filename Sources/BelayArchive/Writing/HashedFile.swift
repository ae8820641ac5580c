import BelayRows
import Crypto
import SystemPackage

/// A file that is hashed and counted while it is written. Used by one thread at a time.
class HashedFile: StagedFile {
  private var hasher = SHA256()
  private(set) var count: UInt64 = 0

  override func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
    try super.write(bytes)
    hasher.update(bufferPointer: bytes)
    count += UInt64(bytes.count)
  }

  /// Nothing more will be written.
  func end() throws(ArchiveError) {}

  /// SHA-256 of everything so far, as hex.
  var sha256: String { Hex.text(hasher.finalize()) }
}
