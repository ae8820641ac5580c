import SystemPackage

/// Reads one archive. May be used from several threads; every member is read from its own place in the file, without
/// touching the others.
///
/// Making one reads the manifest and all headers, and refuses what is no whole archive of belay. Content is proven as it
/// is read, or by the two `verify` functions.
package final class ArchiveReader: Sendable {
  /// The full one, if it is readable or a key opens it; else what everybody reads.
  package let manifest: Manifest
  /// What everybody reads.
  let shown: Manifest
  /// Why the full one could not be read; nil: it was.
  private let seal: ArchiveError?

  let file: any ArchiveSource
  let index: ArchiveIndex
  /// Of the manifest as it is stored: for SHA256SUMS, and for a signature.
  package let manifestSHA256: String

  private let keys: (any MemberDecryptor)?

  package convenience init(_ path: FilePath, keys: (any MemberDecryptor)? = nil) throws(ArchiveError) {
    try self.init(ArchiveFile(path), keys: keys)
  }

  /// - Parameter keys: for encrypted members; nil: only the manifest, and what is stored in clear, can be read.
  package init(_ file: any ArchiveSource, keys: (any MemberDecryptor)? = nil) throws(ArchiveError) {
    let path = file.path
    var found: (manifest: Manifest, sha256: String)?
    let index = try ArchiveIndex(file) { name, region throws(ArchiveError) in
      guard name == MemberName.manifest else {
        throw ArchiveError(
          .malformed, path: path, "\(path) is not a belay archive: it begins with \(name)")
      }
      guard region.size <= Manifest.largestSize else {
        throw ArchiveError(
          .damaged, path: path, member: name, "\(path): manifest.json is too large: \(region.size) bytes")
      }
      let json = try file.bytes(region)
      found = (try Manifest(json: json, path: path), BelayArchive.sha256(json))
    }
    guard let found else {
      throw ArchiveError(.missingMember, path: path, member: MemberName.manifest, "\(path) has no manifest.json")
    }
    self.file = file
    self.keys = keys
    self.index = index
    shown = found.manifest
    manifestSHA256 = found.sha256
    guard let name = found.manifest.encryption?.manifest else {
      (manifest, seal) = (found.manifest, nil)
      return
    }
    do throws(ArchiveError) {
      manifest = try Self.unsealed(name, found.manifest, file, index, keys)
      seal = nil
    } catch {
      guard error.kind == .wrongKey else { throw error }
      (manifest, seal) = (found.manifest, error)
    }
  }

  /// A member, decoded, to be pulled. `member` is its full name, as in the manifest.
  package func source(_ member: String) throws(ArchiveError) -> MemberSource {
    guard let record = manifest.members.first(where: { $0.name == member }) else {
      if let seal { throw seal }
      throw ArchiveError(.missingMember, path: file.path, member: member, "\(file.path) has no member \(member)")
    }
    return try source(record)
  }

  func source(_ record: MemberRecord) throws(ArchiveError) -> MemberSource {
    try requireFullManifest()
    return try Self.source(record, of: manifest, file, index, keys)
  }

  /// - Throws: why the full manifest could not be read.
  package func requireFullManifest() throws(ArchiveError) {
    if let seal { throw seal }
  }

  private static func source(
    _ record: MemberRecord, of manifest: Manifest, _ file: any ArchiveSource, _ index: ArchiveIndex,
    _ keys: (any MemberDecryptor)?
  ) throws(ArchiveError) -> MemberSource {
    guard let region = index.regions[record.nameInArchive] else { throw .missing(file.path, record.name) }
    guard record.encryption != nil else { return try MemberSource(file, region, record, through: nil) }
    guard let keys else {
      throw ArchiveError(
        .wrongKey, path: file.path, member: record.name, "\(file.path) is encrypted, and this command reads no keys")
    }
    let stream = try keys.decrypting(
      record.name, path: file.path, recipients: manifest.encryption?.recipients ?? [])
    return try MemberSource(file, region, record, through: stream)
  }

  /// The full manifest, which must be of these members.
  private static func unsealed(
    _ name: String, _ shown: Manifest, _ file: any ArchiveSource, _ index: ArchiveIndex, _ keys: (any MemberDecryptor)?
  ) throws(ArchiveError) -> Manifest {
    guard let record = shown.members.first(where: { $0.name == name }), record.bytes <= Manifest.largestSize else {
      throw .missing(file.path, name)
    }
    let source = try source(record, of: shown, file, index, keys)
    var json: [UInt8] = []
    while true {
      let bytes = try source.next()
      if bytes.isEmpty { break }
      json += bytes
    }
    let full = try Manifest(json: json, path: file.path)
    guard shown.veils(full) else {
      throw ArchiveError(
        .damaged, path: file.path, member: name, "\(file.path): manifest.json and \(name) do not fit each other",
        hint: "use another backup: `belay list` shows them")
    }
    return full
  }

  /// A member, decoded, pushed piece by piece. It returns only when all of it was as the manifest says.
  ///
  /// - Throws: `ArchiveError`, or the error of `body`.
  package func read(_ member: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let source = try source(member)
    while true {
      let bytes = try source.next()
      if bytes.isEmpty { return }
      try body(bytes)
    }
  }
}

extension ArchiveSource {
  /// A small member as it is stored.
  func bytes(_ region: StoredRegion) throws(ArchiveError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(region.size), alignment: 8)
    defer { buffer.deallocate() }
    var filled = 0
    while filled < buffer.count {
      let count = try read(
        at: region.offset + UInt64(filled), into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
      guard count > 0 else {
        throw ArchiveError(.truncated, path: path, "\(path) was cut short while it was read")
      }
      filled += count
    }
    return Array(buffer)
  }
}

extension ArchiveError {
  static func missing(_ path: String, _ member: String) -> ArchiveError {
    ArchiveError(
      .missingMember, path: path, member: member, "\(path): \(member) is missing, though the manifest names it",
      hint: "use another backup: `belay list` shows them")
  }
}
