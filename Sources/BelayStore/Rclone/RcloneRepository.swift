import BelayArchive
import BelayProcess
import Foundation
import Synchronization
import SystemPackage

/// Archives in a folder of anything that rclone reaches: object stores, SFTP, WebDAV.
///
/// Where files get their name by renaming, a new one has a temporary name until its size and its content have been compared.
/// An object store shows nothing but whole objects, and a renamed one is a copy there: a new one has its name from the
/// beginning, and is compared then.
package struct RcloneRepository: Repository {
  private let remote: String
  private let folder: String
  /// `If-None-Match: *` with every new object.
  private let ifNoneMatch: Bool
  private let rclone: Rclone
  private let known = Known()

  package let location: String

  /// - Parameters:
  ///   - remote: As rclone knows it.
  ///   - isStopped: Asked again and again while something lasts: true ends it.
  package init(
    remote: String, path: String, ifNoneMatch: Bool = false, isStopped: @escaping @Sendable () -> Bool = { false }
  ) {
    self.remote = remote
    self.ifNoneMatch = ifNoneMatch
    folder = path
    location = "rclone:\(remote):\(path)"
    rclone = Rclone(isStopped: isStopped)
  }

  /// As rclone takes it.
  private func object(_ name: String) -> String {
    "\(remote):" + (folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/") + name
  }
  private func location(_ name: String) -> String {
    "rclone:" + object(name)
  }

  // MARK: Listing

  package func list() throws(ArchiveError) -> [StoredFile] {
    try names().filter { !$0.name.hasSuffix(ArchiveName.partial) }
  }

  package func halfWritten() throws(ArchiveError) -> [StoredFile] {
    try names().filter { $0.name.hasSuffix(ArchiveName.partial) }
  }

  private func names() throws(ArchiveError) -> [StoredFile] {
    try known.check(rclone, location)
    let outcome = try rclone.run(["lsjson", "--files-only", "--no-mimetype", "\(remote):\(folder)"], at: location)
    if outcome.isMissing { return [] }
    guard outcome.isDone else { throw Rclone.failed("list", location, outcome.ending, outcome.errors) }
    let objects = try decoded([RcloneObject].self, outcome)
    return objects.filter { !$0.isFolder && !$0.name.hasPrefix(".") }.map(stored)
  }

  package func stat(_ name: String) throws(ArchiveError) -> StoredFile? {
    try known.check(rclone, location)
    return try look(at: name).map(stored)
  }

  private func look(at name: String, hashes: Bool = false) throws(ArchiveError) -> RcloneObject? {
    let outcome = try rclone.run(
      ["lsjson", "--stat", "--no-mimetype"] + (hashes ? ["--hash"] : []) + [object(name)], at: location(name),
      patience: hashes ? Rclone.copyPatience : Rclone.patience)
    if outcome.isMissing { return nil }
    guard outcome.isDone else { throw Rclone.failed("look at", location(name), outcome.ending, outcome.errors) }
    let found = try decoded(RcloneObject.self, outcome)
    // Of a name that is not there, an object store says that it is an empty folder.
    return found.isFolder ? nil : found
  }

  private func decoded<Value: Decodable>(_ type: Value.Type, _ outcome: Rclone.Outcome) throws(ArchiveError) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(outcome.output))
    } catch {
      throw ArchiveError(.unreachable, path: location, "rclone's answer about \(location) cannot be read: \(error)")
    }
  }

  private func stored(_ object: RcloneObject) -> StoredFile {
    StoredFile(
      name: object.name, location: location(object.name), bytes: UInt64(max(0, object.size)),
      modified: object.modified)
  }

  // MARK: Reading

  package func source(_ name: String) throws(ArchiveError) -> any ArchiveSource {
    guard let found = try stat(name) else {
      throw ArchiveError(.notFound, path: location(name), "there is no \(location(name))")
    }
    return source(found)
  }

  package func source(_ file: StoredFile) -> any ArchiveSource {
    RcloneSource(object(file.name), location: file.location, size: file.bytes, rclone: rclone)
  }

  // MARK: Storing

  package func localPath(_ name: String, staging: FilePath) -> FilePath { staging.appending(name) }

  package func put(_ file: FilePath, as name: String) throws(ArchiveError) {
    try store(file, as: name)
    guard unlink(file.string) == 0 || errno == ENOENT else { throw .system("delete", file.string, code: errno) }
  }

  package func store(_ file: FilePath, as name: String) throws(ArchiveError) {
    try known.check(rclone, location)
    let digest = try FileDigest(file)
    if let there = try look(at: name, hashes: true) {
      // An earlier call may have been cut off after it had stored it.
      guard try isEqual(there, digest, name) else { throw taken(name) }
      return
    }
    let features = try features()
    if features.isBucketBased { return try putObject(file, as: name, digest) }
    guard features.canRename else {
      throw ArchiveError(
        .unreachable, path: location,
        "rclone cannot rename files in \(location), so that a half archive could be taken for a whole one",
        hint: "choose another kind of remote")
    }
    try putAndRename(file, as: name, digest)
  }

  private func putAndRename(_ file: FilePath, as name: String, _ digest: FileDigest) throws(ArchiveError) {
    // Two machines may store one of the same name, and neither must write into the other's.
    let partial = "\(name).\(UInt32.random(in: .min ... .max))\(ArchiveName.partial)"
    do throws(ArchiveError) {
      try copy(file, to: partial)
      try compare(partial, digest)
      if try look(at: name) != nil { throw taken(name) }
      try move(partial, to: name)
    } catch {
      // Also where an answer was lost after the file had got its name.
      if error.kind != .cancelled, (try? isThere(name, digest)) == true { return removeQuietly(partial) }
      removeQuietly(partial)
      throw error
    }
    guard try isThere(name, digest) else { throw notStored(name, "it is not there after it was renamed") }
  }

  private func putObject(_ file: FilePath, as name: String, _ digest: FileDigest) throws(ArchiveError) {
    do throws(ArchiveError) {
      try copy(file, to: name, new: ifNoneMatch)
    } catch {
      guard error.kind != .cancelled else { throw error }
      // What has the name may be another machine's: only an equal one is ours.
      guard let there = try? look(at: name, hashes: true) else { throw error }
      guard try isEqual(there, digest, name) else { throw taken(name) }
      return
    }
    do throws(ArchiveError) {
      try compare(name, digest)
    } catch {
      // Nobody may take it for whole. Another machine may have stored its own under the name meanwhile: nothing is deleted.
      guard error.kind == .damaged else { throw error }
      let aside = name + ArchiveName.unverified
      try move(name, to: aside)
      var error = error
      error.message += "; it is kept there as \(aside)"
      throw error
    }
  }

  private func copy(_ file: FilePath, to name: String, new: Bool = false) throws(ArchiveError) {
    var arguments = ["copyto", "--no-check-dest", "--no-traverse"]
    if new {
      // The header goes with every request of the call, and a question about an object would be answered by it too.
      arguments += ["--header", "If-None-Match: *", "--s3-no-head", "--s3-no-check-bucket"]
    }
    let outcome = try rclone.run(
      arguments + [file.string, object(name)], at: location(name), patience: Rclone.copyPatience)
    guard outcome.isDone else { throw Rclone.failed("store", location(name), outcome.ending, outcome.errors) }
  }

  private func move(_ name: String, to other: String) throws(ArchiveError) {
    let outcome = try rclone.run(
      ["moveto", "--no-check-dest", "--no-traverse", object(name), object(other)], at: location(other),
      patience: Rclone.copyPatience)
    guard outcome.isDone else { throw Rclone.failed("rename", location(name), outcome.ending, outcome.errors) }
  }

  /// - Throws: kind `damaged` where it is not what was stored.
  private func compare(_ name: String, _ digest: FileDigest) throws(ArchiveError) {
    // Some storage shows a new file only after a moment.
    guard let there = try lookPatiently(at: name, hashes: true) else {
      throw notStored(name, "it is not there after it was stored")
    }
    guard try isEqual(there, digest, name) else {
      throw ArchiveError(
        .damaged, path: location(name), "\(location(name)) differs from what was stored",
        hint: "try again; if it comes again, the way to the storage damages what it carries")
    }
  }

  private func isThere(_ name: String, _ digest: FileDigest) throws(ArchiveError) -> Bool {
    guard let there = try lookPatiently(at: name, hashes: true) else { return false }
    return try isEqual(there, digest, name)
  }

  private func lookPatiently(at name: String, hashes: Bool) throws(ArchiveError) -> RcloneObject? {
    for wait in [UInt32(0), 1, 3] {
      if wait > 0 { sleep(wait) }
      if let found = try look(at: name, hashes: hashes) { return found }
    }
    return nil
  }

  /// By a hash that the storage tells; by reading it back where it tells none.
  private func isEqual(_ object: RcloneObject, _ digest: FileDigest, _ name: String) throws(ArchiveError) -> Bool {
    if let isEqual = object.equals(digest) { return isEqual }
    let source = RcloneSource(self.object(name), location: location(name), size: digest.bytes, rclone: rclone)
    return try FileDigest(reading: source) == digest
  }

  /// It must not hide the error that it follows.
  private func removeQuietly(_ name: String) {
    // Also after Ctrl+C. What stays has a temporary name, and `belay prune` lists it.
    _ = try? Rclone().run(["deletefile", object(name)], at: location(name), patience: .seconds(20))
  }

  private func taken(_ name: String) -> ArchiveError {
    ArchiveError(
      .io, path: location(name), "\(location(name)) is there already, with other content",
      hint: "two stores have given one id: keep both by storing this one in another folder")
  }

  private func notStored(_ name: String, _ how: String) -> ArchiveError {
    ArchiveError(.unreachable, path: location(name), "\(location(name)) is not stored: \(how)", hint: "try again")
  }

  // MARK: Changing

  package func rename(_ name: String, to other: String) throws(ArchiveError) { try move(name, to: other) }

  package func lockForRemoval(_ name: String) throws(ArchiveError) -> RemovalLock? {
    guard try stat(name) != nil else {
      throw ArchiveError(.notFound, path: location(name), "there is no \(location(name))")
    }
    return RemovalLock()
  }

  package func delete(_ name: String) throws(ArchiveError) {
    guard try look(at: name) != nil else { return }
    let outcome = try rclone.run(["deletefile", object(name)], at: location(name))
    guard outcome.isDone || outcome.isMissing else {
      // It may have been deleted, and the answer lost.
      if (try? look(at: name)) == .some(nil) { return }
      throw Rclone.failed("delete", location(name), outcome.ending, outcome.errors)
    }
  }

  // MARK: What is asked once

  private func features() throws(ArchiveError) -> RcloneFeatures {
    if let features = known.features.withLock({ $0 }) { return features }
    let outcome = try rclone.run(["backend", "features", "\(remote):\(folder)"], at: location)
    guard outcome.isDone else { throw Rclone.failed("ask about", location, outcome.ending, outcome.errors) }
    let features = try decoded(RcloneFeatures.self, outcome)
    known.features.withLock { $0 = features }
    return features
  }

  private final class Known: Sendable {
    let features = Mutex<RcloneFeatures?>(nil)
    private let isChecked = Mutex(false)

    /// The version of rclone, once.
    func check(_ rclone: Rclone, _ location: String) throws(ArchiveError) {
      guard !isChecked.withLock({ $0 }) else { return }
      let outcome = try rclone.run(["version"], at: location)
      let line = String(decoding: outcome.output, as: UTF8.self).prefix { !$0.isNewline }
      guard outcome.isDone, let version = RcloneVersion(line: line) else {
        throw ArchiveError(
          .unreachable, path: location,
          "the program that is called rclone is another one: `rclone version` says nothing known")
      }
      guard version >= Rclone.oldest else {
        throw ArchiveError(
          .unreachable, path: location, "rclone is of version \(version), and belay needs \(Rclone.oldest) or newer",
          hint: "install a newer one: https://rclone.org/install/")
      }
      isChecked.withLock { $0 = true }
    }
  }
}
