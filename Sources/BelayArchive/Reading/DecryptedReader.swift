/// Hands out a member's bytes as they were before they were encrypted. Used by one thread at a time.
///
/// What comes out is authentic, piece by piece; that nothing was cut off is known at the end.
final class DecryptedReader: MemberBytes {
  private let stored: StoredReader
  private let stream: any CipherStream
  private let path: String
  private let record: MemberRecord
  private let pieces = GrowingBuffer()
  private var isOver = false

  init(_ stored: StoredReader, _ stream: any CipherStream, path: String, record: MemberRecord) {
    self.stored = stored
    self.stream = stream
    self.path = path
    self.record = record
  }

  override func next() throws(ArchiveError) -> UnsafeRawBufferPointer {
    if let failure { throw failure }
    pieces.clear()
    do throws(ArchiveError) {
      while pieces.isEmpty, !isOver {
        let bytes = try stored.next()
        let take: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void = { [pieces] in pieces.append($0) }
        if bytes.isEmpty {
          isOver = true
          try stream.finish(take)
        } else {
          try stream.push(bytes, take)
        }
      }
    } catch {
      let reason = try reason(error)
      failure = reason
      throw reason
    }
    return pieces.bytes
  }

  /// Reads what nobody asked for, so that the end is proven.
  func finish() throws(ArchiveError) {
    while try !next().isEmpty {}
  }

  /// A key that does not fit and bytes that are damaged look alike to the cipher: the sum of what is stored tells.
  private func reason(_ error: ArchiveError) throws(ArchiveError) -> ArchiveError {
    guard error.kind == .wrongKey || error.kind == .damaged else { return error }
    guard try stored.finish() == record.sha256 else {
      return .damaged(path, record, "its SHA-256 differs from the manifest")
    }
    return error
  }
}

/// Memory that is used again and again, and grows where it must.
private final class GrowingBuffer {
  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
  private var count = 0

  deinit { memory.deallocate() }

  var isEmpty: Bool { count == 0 }

  /// Valid until the next change.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  func clear() { count = 0 }

  func append(_ new: UnsafeRawBufferPointer) {
    if count + new.count > memory.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * (count + new.count), alignment: 16)
      larger.copyMemory(from: bytes)
      memory.deallocate()
      memory = larger
    }
    UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: new)
    count += new.count
  }
}
