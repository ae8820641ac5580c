/// One stream of bytes through a cipher. Used by one thread at a time.
package protocol CipherStream: AnyObject {
  /// Takes all of `bytes`, and hands out what came out meanwhile, in pieces that are valid within the closure. Memory does not
  /// grow with what has passed.
  /// - Throws: why no more can go through, or the error of `out`.
  func push(
    _ bytes: UnsafeRawBufferPointer, _ out: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void
  ) throws(ArchiveError)

  /// Hands out the rest. When it returns, everything was encrypted; or everything was decrypted and is authentic.
  func finish(_ out: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void) throws(ArchiveError)
}

/// Who encrypts the members of an archive that is written, and can read them back.
package protocol MemberEncryptor: Sendable {
  /// What the manifest says of it.
  var record: EncryptionRecord { get }
  /// Reads what it has written, for as long as this run lives.
  var decryptor: any MemberDecryptor { get }

  func encrypting(_ member: String, path: String) throws(ArchiveError) -> any CipherStream
}

/// Who holds the keys.
package protocol MemberDecryptor: Sendable {
  /// - Parameters:
  ///   - member: its name; `path`: the archive's; `recipients`: for whom it was encrypted. For messages.
  /// - Throws: kind `wrongKey` if there is no key at all, `keyRefused` if one cannot be used.
  func decrypting(
    _ member: String, path: String, recipients: [String]
  ) throws(ArchiveError) -> any CipherStream
}
