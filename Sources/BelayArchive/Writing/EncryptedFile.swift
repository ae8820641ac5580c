import SystemPackage

/// A staged member that is encrypted on its way: no byte of it reaches the disk in clear. Size and hash are those of what is
/// stored.
final class EncryptedFile: HashedFile {
  private let stream: any CipherStream

  init(creating path: FilePath, _ stream: any CipherStream) throws(ArchiveError) {
    self.stream = stream
    try super.init(creating: path)
  }

  override func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
    if let failure { throw failure }
    do throws(ArchiveError) {
      try stream.push(bytes) { (out) throws(ArchiveError) in try super.write(out) }
    } catch {
      fail(error)
      throw error
    }
  }

  override func end() throws(ArchiveError) {
    try stream.finish { (out) throws(ArchiveError) in try super.write(out) }
  }
}
