/// Where an archive is read from: a file of the local disk, or an object in a remote store. Its bytes stay the same while it
/// is open.
package protocol ArchiveSource: Sendable {
  /// Its path or URL without secrets, for messages.
  var path: String { get }
  /// In bytes.
  var size: UInt64 { get }

  /// Fills `buffer` from `offset` on, as far as the archive goes. From any thread, also from several at once.
  /// - Returns: how many bytes that was, at least one unless `offset` is at or behind the end; 0 there.
  /// - Throws: kind `notFound` if it does not exist, `io` if it cannot be read now.
  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int
}
