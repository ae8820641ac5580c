import BelaySystem
import Synchronization

/// Told how far a verification is, in bytes; from several threads, but never from two at once.
package typealias VerifyProgress = @Sendable (_ done: UInt64, _ total: UInt64) -> Void

extension ArchiveReader {
  /// Level `manifest`: exactly the members that the manifest names, with their sizes and SHA-256s, and the manifest's
  /// own in SHA256SUMS. Reads everything, decodes nothing. `isCancelled` is asked now and then; true ends it with an
  /// error of kind `cancelled`.
  package func verifyManifest(
    progress: VerifyProgress? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(ArchiveError) {
    try verifyNames()
    let meter = Meter(total: shown.members.reduce(0) { $0 + $1.storedBytes }, progress, isCancelled, file.path)
    try eachMember(shown) { reader, member throws(ArchiveError) in
      guard let region = reader.index.regions[member.name] else { throw .missing(reader.file.path, member.name) }
      let stored = StoredReader(reader.file, region)
      while true {
        let count = try stored.next().count
        if count == 0 { break }
        try meter.add(count)
      }
      guard try stored.finish() == member.sha256 else {
        throw .damaged(reader.file.path, member, "its SHA-256 differs from the manifest")
      }
    }
  }

  /// Level `read`: as `verifyManifest`, and every member decoded to its end.
  package func verifyContents(
    progress: VerifyProgress? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(ArchiveError) {
    try verifyNames()
    try requireFullManifest()
    let meter = Meter(total: manifest.members.reduce(0) { $0 + $1.bytes }, progress, isCancelled, file.path)
    try eachMember(manifest) { reader, member throws(ArchiveError) in
      let source = try reader.source(member)
      while true {
        let count = try source.next().count
        if count == 0 { break }
        try meter.add(count)
      }
    }
  }

  // MARK: Parts

  /// Checks names, sizes and SHA256SUMS, without reading content.
  private func verifyNames() throws(ArchiveError) {
    var expected: Set<String> = [MemberName.manifest, MemberName.checksums]
    for member in shown.members {
      guard expected.insert(member.name).inserted else {
        throw .damaged(file.path, member, "the manifest names it twice")
      }
      guard let region = index.regions[member.name] else { throw .missing(file.path, member.name) }
      guard region.size == member.storedBytes else { throw .size(file.path, member, found: region.size) }
    }
    if let extra = index.names.first(where: { !expected.contains($0) }) {
      throw ArchiveError(
        .damaged, path: file.path, member: extra, "\(file.path): \(extra) is not in the manifest",
        hint: "something was added after the backup: use another one")
    }
    try verifyChecksums()
    for name in [MemberName.manifest, MemberName.checksums] {
      if let region = index.regions[name] { _ = try StoredReader(file, region).finish() }
    }
    if let schema = manifest.member(.schema), schema.sha256 != manifest.schemaSHA256 {
      throw .damaged(file.path, schema, "the manifest has two different hashes of it")
    }
  }

  private func verifyChecksums() throws(ArchiveError) {
    guard let region = index.regions[MemberName.checksums] else { throw .missing(file.path, MemberName.checksums) }
    let expected = Array(Checksums.text(manifest: shown, manifestSHA256: manifestSHA256).utf8)
    guard region.size == UInt64(expected.count), try file.bytes(region) == expected else {
      throw ArchiveError(
        .damaged, path: file.path, member: MemberName.checksums,
        "\(file.path): SHA256SUMS and manifest.json do not fit each other: one of them is damaged",
        hint: "use another backup: `belay list` shows them")
    }
  }

  /// Checks the members on two threads, the largest first, so that both have work to the end.
  private func eachMember(
    _ manifest: Manifest, _ check: @escaping @Sendable (ArchiveReader, MemberRecord) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    let work = Mutex(manifest.members.sorted { $0.bytes < $1.bytes })
    let failure = Mutex<ArchiveError?>(nil)
    let run: @Sendable () -> Void = { [self] in
      while failure.withLock({ $0 == nil }), let member = work.withLock({ $0.popLast() }) {
        do throws(ArchiveError) {
          try check(self, member)
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
    }
    // Small archives are done before a thread is up. Without a second thread, the first does it all.
    let isLarge = manifest.members.reduce(0) { $0 + $1.bytes } > 4 << 20
    let second = isLarge ? JoinableThread(run) : nil
    run()
    second?.join()
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}

/// Counts the progress of the threads of a verification.
private final class Meter: Sendable {
  private let done = Mutex<UInt64>(0)
  private let total: UInt64
  private let progress: VerifyProgress?
  private let isCancelled: @Sendable () -> Bool
  private let path: String

  init(
    total: UInt64, _ progress: VerifyProgress?, _ isCancelled: @escaping @Sendable () -> Bool, _ path: String
  ) {
    self.total = total
    self.progress = progress
    self.isCancelled = isCancelled
    self.path = path
  }

  func add(_ count: Int) throws(ArchiveError) {
    if isCancelled() { throw ArchiveError(.cancelled, path: path, "the verification of \(path) was cancelled") }
    done.withLock { done in
      done += UInt64(count)
      progress?(done, total)
    }
  }
}
