/// One member's decoded bytes, pulled piece by piece. Used by one thread at a time.
///
/// The end is proof: it is reached only when size and SHA-256 are what the manifest says. More bytes than the manifest
/// says are never handed out, whatever a crafted member expands to.
package final class MemberSource {
  package let record: MemberRecord
  private let path: String
  private let stored: StoredReader
  /// nil: it is stored in clear.
  private let decrypted: DecryptedReader?
  private let decoder: Decoder?
  private var rest = UnsafeRawBufferPointer(start: nil, count: 0)
  private var given: UInt64 = 0
  private var isProven = false

  /// - Parameter stream: through which it is decrypted; nil: it is stored in clear.
  init(
    _ file: any ArchiveSource, _ region: StoredRegion, _ record: MemberRecord, through stream: (any CipherStream)?
  ) throws(ArchiveError) {
    self.record = record
    path = file.path
    let stored = StoredReader(file, region)
    self.stored = stored
    decrypted = stream.map { DecryptedReader(stored, $0, path: file.path, record: record) }
    guard region.size == record.storedBytes else {
      throw .size(path, record, found: region.size)
    }
    switch record.compression {
    case .none:
      decoder = nil
    case .zstd, .gzip:
      guard let decoder = Decoder(decrypted ?? stored, record.compression) else {
        throw decrypted?.failure ?? stored.failure ?? .damaged(path, record, "it is not \(record.compression.rawValue)")
      }
      self.decoder = decoder
    }
  }

  /// Fills at most `buffer`, maybe less; 0 is the end, and everything was as the manifest says. `buffer` must not be
  /// empty.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    if rest.isEmpty { rest = try next() }
    let count = min(rest.count, buffer.count)
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    return count
  }

  /// The next decoded bytes, valid until the next call; empty at the proven end. Not to be mixed with `read(into:)`.
  func next() throws(ArchiveError) -> UnsafeRawBufferPointer {
    if isProven { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let bytes = try decoded()
    given += UInt64(bytes.count)
    if given > record.bytes {
      throw .damaged(path, record, "it decodes to more than the \(record.bytes) bytes that the manifest says")
    }
    if bytes.isEmpty { try prove() }
    return bytes
  }

  private func decoded() throws(ArchiveError) -> UnsafeRawBufferPointer {
    guard let decoder else { return try (decrypted ?? stored).next() }
    do throws(Decoder.Reason) {
      return try decoder.next()
    } catch {
      throw decrypted?.failure ?? stored.failure ?? .damaged(path, record, "it does not decode: \(error.text)")
    }
  }

  private func prove() throws(ArchiveError) {
    try decrypted?.finish()
    guard try stored.finish() == record.sha256 else {
      throw .damaged(path, record, "its SHA-256 differs from the manifest")
    }
    guard given == record.bytes else {
      throw .damaged(path, record, "it decodes to \(given) bytes, but the manifest says \(record.bytes)")
    }
    isProven = true
  }
}

extension ArchiveError {
  static func damaged(_ path: String, _ member: MemberRecord, _ how: String) -> ArchiveError {
    ArchiveError(
      .damaged, path: path, member: member.name, "\(path): \(member.name) is damaged: \(how)",
      hint: "use another backup: `belay list` shows them")
  }

  static func size(_ path: String, _ member: MemberRecord, found: UInt64) -> ArchiveError {
    damaged(path, member, "it has \(found) bytes in the archive; the manifest says \(member.storedBytes)")
  }
}
