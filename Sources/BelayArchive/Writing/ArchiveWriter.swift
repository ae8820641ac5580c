import CArchive
import Glibc
import Synchronization
import SystemPackage

/// Writes one archive. Its methods may be called from several threads; members are written at the same time.
///
/// Legal order: `member` any number of times, each finished; then `finish` once. Or `abandon`, at any time. Nothing is
/// ever seen under the final name but a whole archive that has been read back.
package final class ArchiveWriter: Sendable {
  /// The path of the finished archive.
  package let final: FilePath
  private let staging: FilePath
  private let compression: Compression
  private let level: Int?
  private let encryptor: (any MemberEncryptor)?
  private let state = Mutex(State())

  private var sealedFile: FilePath { staging.appending("manifest") }

  /// What is written until it has been proven.
  private var partial: FilePath { FilePath(final.string + ".partial") }

  private struct State: Sendable {
    var members: [Member] = []
    var isOver = false
  }

  private struct Member: Sendable {
    var writer: MemberWriter
    var file: FilePath
    var record: MemberRecord
  }

  /// - Parameters:
  ///   - final: `STORE/ID.tar`. It must not exist yet.
  ///   - staging: an existing folder, private to the user, on a file system with room for all members.
  ///   - compression: of all members but the few that stay readable as they are.
  ///   - level: of the compression; nil for the usual one.
  ///   - replaces: `final` may exist: `publish` of `finish` puts this one in its place.
  ///   - encryptor: encrypts all members but README.txt; nil: nothing is encrypted.
  /// - Throws: if `final` exists.
  package init(
    final: FilePath, staging: FilePath, compression: Compression = .zstd, level: Int? = nil,
    replaces: Bool = false, encryptor: (any MemberEncryptor)? = nil
  ) throws(ArchiveError) {
    self.final = final
    self.staging = staging
    self.compression = compression
    self.level = level
    self.encryptor = encryptor
    if !replaces, access(final.string, F_OK) == 0 { throw .system("create", final.string, code: EEXIST) }
  }

  /// Starts a member. Writers of several members can be in use at once.
  ///
  /// - Parameters:
  ///   - name: of `MemberName`, without suffix: those of compression and encryption are added. Each name once.
  ///   - kind: what it is for; schema.json is never compressed, all others are.
  ///   - format: of a native dump, in the driver's words.
  ///   - table: the table whose rows it contains.
  ///   - compression: overrides the archive's, e.g. for a dump that is already compressed.
  /// - Returns: the writer for its bytes.
  /// - Throws: if the name is unsafe or taken, or the archive is finished.
  package func member(
    _ name: String, kind: MemberKind, format: String? = nil, table: TableName? = nil, compression: Compression? = nil
  ) throws(ArchiveError) -> MemberWriter {
    let chosen = compression ?? Compression.of(name, kind: kind, usual: self.compression)
    let encryption = encryptor?.record.method
    let fullName = (name.hasSuffix(chosen.suffix) ? name : name + chosen.suffix) + (encryption?.suffix ?? "")
    if let danger = MemberName.danger(in: fullName) {
      throw ArchiveError(
        .unsafeName, path: final.string, member: fullName, "\(fullName) cannot be a member's name: \(danger)")
    }
    return try state.withLock { state throws(ArchiveError) in
      if state.isOver { throw over() }
      let reserved = [MemberName.manifest, MemberName.checksums, MemberName.readme]
      if reserved.contains(fullName) || state.members.contains(where: { $0.record.name == fullName }) {
        throw ArchiveError(
          .malformed, path: final.string, member: fullName, "\(final) has a member \(fullName) already")
      }
      let file = staging.appending("member-\(state.members.count + 1)")
      let level = chosen == self.compression ? self.level ?? chosen.usualLevel : chosen.usualLevel
      let writer = MemberWriter(name: fullName, file: file, compression: chosen, level: level, encryptor: encryptor)
      let record = MemberRecord(
        name: fullName, kind: kind, format: format, table: table, compression: chosen, encryption: encryption,
        bytes: 0, storedBytes: 0, sha256: "")
      state.members.append(Member(writer: writer, file: file, record: record))
      return writer
    }
  }

  /// Puts the archive together under `FINAL.partial`, reads it back to the end of every member, decoded, and only then
  /// gives it its name.
  ///
  /// - Parameters:
  ///   - manifest: `format`, `members` and `schemaSHA256` are filled in here.
  ///   - progress: of reading it back.
  ///   - isCancelled: asked while reading it back; true ends it with an error of kind `cancelled`.
  ///   - publish: gives the partial file the name of a whole archive, durably. It is removed if that fails.
  /// - Returns: the manifest as it is in the archive.
  /// - Throws: the failure; then nothing is left behind.
  package func finish(
    _ manifest: Manifest, progress: VerifyProgress? = nil, isCancelled: @escaping @Sendable () -> Bool = { false },
    publish: ((_ partial: FilePath) throws(ArchiveError) -> Void)? = nil
  ) throws(ArchiveError) -> Manifest {
    let members = try state.withLock { state throws(ArchiveError) in
      if state.isOver { throw over() }
      state.isOver = true
      return state.members
    }
    defer {
      members.forEach { $0.writer.abandon() }
      removeStaged(members)
      unlink(sealedFile.string)
    }
    let complete = try completed(manifest, try members.map { member throws(ArchiveError) in try finished(member) })
    // From here on the partial file is this one's own: another's is never removed.
    let tar = try TarWriter(creating: partial, modified: seconds(complete.manifest.createdAt))
    do throws(ArchiveError) {
      try write(complete, to: tar)
      try prove(complete.manifest, progress, isCancelled)
      if let publish { try publish(partial) } else { try Self.publish(partial, as: final) }
    } catch {
      unlink(partial.string)
      throw error
    }
    return complete.manifest
  }

  /// Gives it up: whatever was staged is removed. Without effect after `finish`.
  package func abandon() {
    let members = state.withLock { state -> [Member] in
      if state.isOver { return [] }
      state.isOver = true
      return state.members
    }
    members.forEach { $0.writer.abandon() }
    removeStaged(members)
  }

  /// A complete member, decoded from its staged file: the bytes that `finish` puts into the archive. Valid until
  /// `finish` or `abandon`.
  package func source(of writer: MemberWriter) throws(ArchiveError) -> MemberSource {
    let member = try finished(try member(of: writer))
    return try MemberSource(
      ArchiveFile(member.file), StoredRegion(offset: 0, size: member.record.storedBytes), member.record,
      through: encryptor?.decryptor.decrypting(
        member.record.name, path: member.file.string, recipients: encryptor?.record.recipients ?? []))
  }

  /// The bytes of a member while it is still written, for one that is stored as it is; nil for one that is compressed or
  /// encrypted.
  /// Valid until `finish` or `abandon`.
  package func following(_ writer: MemberWriter) throws(ArchiveError) -> FollowedMember? {
    let member = try member(of: writer)
    return member.record.compression == .none && encryptor == nil ? FollowedMember(writer, at: member.file) : nil
  }

  private func member(of writer: MemberWriter) throws(ArchiveError) -> Member {
    let found = state.withLock { state in state.isOver ? nil : state.members.first { $0.writer === writer } }
    guard let found else { throw over() }
    return found
  }

  // MARK: Steps of finish

  private func finished(_ member: Member) throws(ArchiveError) -> Member {
    guard let stored = member.writer.stored else {
      throw ArchiveError(
        .io, path: final.string, member: member.record.name, "\(member.record.name) was not written to its end")
    }
    var member = member
    member.record.bytes = stored.bytes
    member.record.storedBytes = stored.storedBytes
    member.record.sha256 = stored.sha256
    return member
  }

  /// All that goes into the tar, in the order of the tar.
  private struct Complete {
    var manifest: Manifest
    /// manifest.json, README.txt, SHA256SUMS.
    var texts: [(name: String, bytes: [UInt8])]
    var members: [Member]
  }

  private func completed(_ manifest: Manifest, _ members: [Member]) throws(ArchiveError) -> Complete {
    // Threads start members in any order; an archive has one.
    var members = members.sorted { $0.record.place < $1.record.place }
    let isSealed = encryptor?.record.manifest != nil
    if isSealed {
      for index in members.indices { members[index].record.storedAs = Manifest.sealedName(ofMember: index + 1) }
    }
    var complete = manifest
    complete.format = encryptor == nil && manifest.scope == nil ? 1 : 2
    complete.encryption = encryptor?.record
    complete.members = members.map(\.record)
    complete.schemaSHA256 = complete.member(.schema)?.sha256 ?? ""
    var told = complete
    if isSealed { told.scope = told.scope?.veiled }
    let readme = Array(Readme.text(told).utf8)
    complete.members.insert(.readme(readme), at: 0)
    var shown = complete
    if isSealed {
      let sealed = try sealed(complete)
      members.insert(sealed, at: 0)
      shown = complete.veiled(by: sealed.record)
    }
    let json = try encoded(shown)
    let sums = Checksums.text(manifest: shown, manifestSHA256: sha256(json))
    return Complete(
      manifest: complete,
      texts: [(MemberName.manifest, json), (MemberName.readme, readme), (MemberName.checksums, Array(sums.utf8))],
      members: members)
  }

  /// The full manifest as a member.
  private func sealed(_ manifest: Manifest) throws(ArchiveError) -> Member {
    let name = Manifest.sealedName
    let writer = MemberWriter(name: name, file: sealedFile, compression: .none, level: 0, encryptor: encryptor)
    try writer.write(String(decoding: try encoded(manifest), as: UTF8.self))
    try writer.finish()
    let record = MemberRecord(
      name: name, kind: .sealed, compression: .none, encryption: encryptor?.record.method, bytes: 0, storedBytes: 0,
      sha256: "")
    return try finished(Member(writer: writer, file: sealedFile, record: record))
  }

  private func write(_ complete: Complete, to tar: TarWriter) throws(ArchiveError) {
    for text in complete.texts { try tar.add(text.name, text.bytes) }
    for member in complete.members {
      try tar.add(member.record.nameInArchive, from: member.file, size: member.record.storedBytes)
      // Immediately, so that the disk does not need space for everything twice.
      unlink(member.file.string)
    }
    try tar.finish()
  }

  private func prove(
    _ written: Manifest, _ progress: VerifyProgress?, _ isCancelled: @escaping @Sendable () -> Bool
  ) throws(ArchiveError) {
    let reader = try ArchiveReader(partial, keys: encryptor?.decryptor)
    try reader.verifyContents(progress: progress, isCancelled: isCancelled)
    guard reader.manifest == written else {
      throw ArchiveError(.damaged, path: partial.string, "\(partial) has a different manifest when it is read back")
    }
  }

  /// Renames a file that is on the disk, and waits until its new name is, too.
  /// - Throws: if the name is taken.
  package static func publish(_ partial: FilePath, as final: FilePath) throws(ArchiveError) {
    if belay_rename_new(partial.string, final.string) != 0 {
      throw .system("rename \(partial) to", final.string, code: errno)
    }
    let folder = final.removingLastComponent()
    do {
      let descriptor = try FileDescriptor.open(
        folder.isEmpty ? "." : folder, .readOnly, options: [.directory, .closeOnExec])
      // The name must be on the disk before anybody relies on the backup.
      try descriptor.closeAfter { if fsync(descriptor.rawValue) != 0 { throw Errno(rawValue: errno) } }
    } catch {
      throw .system("sync", folder.string, error)
    }
  }

  private func encoded(_ manifest: Manifest) throws(ArchiveError) -> [UInt8] {
    do {
      return try manifest.json()
    } catch {
      throw ArchiveError(.malformed, path: final.string, "cannot write manifest.json: \(error)")
    }
  }

  private func removeStaged(_ members: [Member]) {
    for member in members { unlink(member.file.string) }
  }

  private func over() -> ArchiveError {
    ArchiveError(.cancelled, path: final.string, "\(final) is finished or cancelled")
  }
}

extension Compression {
  /// What a member gets: its name's suffix decides, then its kind.
  fileprivate static func of(_ name: String, kind: MemberKind, usual: Compression) -> Compression {
    let named = Compression(memberName: name)
    if named != .none { return named }
    return kind == .schema || kind == .readme ? .none : usual
  }
}

extension MemberRecord {
  /// Small things first, then the formats, tables by name.
  fileprivate var place: (Int, String) { (MemberKind.allCases.firstIndex(of: kind) ?? 0, name) }

  fileprivate static func readme(_ bytes: [UInt8]) -> MemberRecord {
    MemberRecord(
      name: MemberName.readme, kind: .readme, compression: .none, bytes: UInt64(bytes.count),
      storedBytes: UInt64(bytes.count), sha256: BelayArchive.sha256(bytes))
  }
}
