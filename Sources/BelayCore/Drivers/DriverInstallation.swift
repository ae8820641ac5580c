import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore
import Foundation
import SystemPackage

/// Puts a driver's file into a folder of the search. If it is interrupted at any moment, either the old or the new file
/// is there, complete and accepted.
///
/// The order: the file is copied under a temporary name, synced and checked; then recorded; the old file gets a second
/// name; the new file is renamed; the folder is synced.
package struct DriverInstallation {
  /// What is about to be done, in this order.
  package enum Step: String, CaseIterable, Sendable { case staging, checking, recording, keeping, renaming, tidying }

  package let name: String
  package let folder: FilePath
  private let keys: DriverKeys
  private let onStep: (Step) -> Void
  private let lock: FolderLock

  /// The final path of the driver.
  package var destination: FilePath { folder.appending(DriverFileName.of(name)) }
  /// The path of the previous driver.
  package var previous: FilePath { FilePath(destination.string + ".previous") }
  /// The copy that is checked. The search ignores it, because its name begins with a dot.
  package var staged: FilePath { folder.appending("." + DriverFileName.of(name) + ".staged") }

  /// The staged copy under a driver's name, for code that needs the name. It is a link: the file itself stays where it
  /// finds its libraries.
  private var alias: FilePath { FilePath(staged.string + ".named").appending(DriverFileName.of(name)) }

  /// Begins an installation. Creates the folder if it does not exist.
  /// - Parameters:
  ///   - keys: The keys that may have signed it.
  ///   - forAll: Others must be able to read the files.
  ///   - onStep: Called before each step.
  /// - Throws: If the folder cannot be created or written to, or another installation is running there.
  package init(
    name: String, folder: String, keys: DriverKeys, forAll: Bool, onStep: @escaping (Step) -> Void = { _ in }
  ) throws(BelayError) {
    self.name = name
    self.folder = FilePath(folder)
    self.keys = keys
    self.onStep = onStep
    let mode: mode_t = forAll ? 0o755 : 0o700
    do {
      try Durable.makeFolder(self.folder, mode: mode)
    } catch {
      throw Self.failure("cannot create the folder \(folder)", error, forAll: forAll)
    }
    lock = try FolderLock(self.folder)
    try removeLeftovers()
  }

  /// Copies the file, and the signature next to it, to a place where it can be checked.
  /// - Throws: If the copy must not or cannot be loaded.
  /// - Returns: The facts that are known without running it.
  package func stage(_ file: String) throws(BelayError) -> DriverFacts {
    onStep(.staging)
    try copy(file, to: staged)
    let signature = file + ".sig"
    if FileManager.default.fileExists(atPath: signature) {
      try copy(signature, to: FilePath(staged.string + ".sig"))
    }
    onStep(.checking)
    let facts = DriverFacts(name: name, path: staged.string, keys: keys)
    if let refusal = facts.refusal { throw BelayError(refusal).with(state: "nothing was installed") }
    guard let exported = facts.exported else {
      throw Self.refused("cannot find out which symbols \(file) exports: its section headers are missing", nil)
    }
    // Two drivers in one process must not be able to link to each other's functions.
    if exported.count != 1 {
      let names = exported.prefix(8).joined(separator: ", ") + (exported.count > 8 ? ", …" : "")
      throw Self.refused(
        "\(file) exports \(exported.count) symbols instead of one: \(names)",
        "its author must link it with a version script, as docs/driver-guide.md shows")
    }
    return facts
  }

  /// The path of the staged copy under a driver's name, until `commit` or `abandon`.
  package func named() throws(BelayError) -> String {
    let made = mkdir(alias.removingLastComponent().string, 0o755) == 0
    guard made, symlink("../" + (staged.lastComponent?.string ?? ""), alias.string) == 0 else {
      throw Self.failure("cannot write to \(folder)", Errno(rawValue: errno), forAll: false)
    }
    return alias.string
  }

  /// Moves the staged and checked file to its final path.
  /// - Parameters:
  ///   - version: The driver's version.
  ///   - schemes: The schemes of its URLs.
  ///   - source: The path that it was copied from.
  ///   - now: RFC 3339, UTC.
  /// - Returns: Whether there was a previous one.
  package func commit(
    _ facts: DriverFacts, version: String, schemes: [String], source: String, now: String
  ) throws(BelayError) -> Bool {
    let before = DriverFacts(name: name, path: destination.string, keys: keys)
    let replaces = FileManager.default.fileExists(atPath: destination.string)
    let record = DriverRecord(
      installed: DriverRecord.Entry(
        sha256: facts.sha256, version: version, schemes: schemes, installed: now, from: source,
        signature: try signature(of: staged)),
      previous: replaces ? try entry(before) : nil)
    do throws(Errno) {
      onStep(.recording)
      let path = FilePath(DriverRecord.path(of: destination.string))
      try Durable.write(try Self.json(record), to: path, permissions: Self.readable)
      onStep(.keeping)
      if replaces { try keep() }
      onStep(.renaming)
      guard rename(staged.string, destination.string) == 0 else { throw Errno(rawValue: errno) }
      try Durable.syncFolder(folder)
      onStep(.tidying)
      // The record contains the signature.
      try Self.remove(FilePath(staged.string + ".sig"))
      try Self.remove(FilePath(destination.string + ".sig"))
      try removeAlias()
      try Durable.syncFolder(folder)
    } catch {
      throw Self.failure("cannot install \(destination)", error, forAll: false)
    }
    return replaces
  }

  /// Removes what an abandoned installation has staged.
  package func abandon() {
    for path in [staged.string, staged.string + ".sig", alias.string] { unlink(path) }  // the next one does it too
    rmdir(alias.removingLastComponent().string)
  }

  // MARK: Steps

  private static let readable: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]

  private static func json(_ record: DriverRecord) throws(Errno) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return try encoder.encode(record) + Data("\n".utf8)
    } catch {
      throw .invalidArgument
    }
  }

  /// nil if the record does not match the existing file: then that file stays refused.
  private func entry(_ before: DriverFacts) throws(BelayError) -> DriverRecord.Entry? {
    if let entry = before.entry { return entry }
    guard before.refusal?.kind != .changed, !before.sha256.isEmpty else { return nil }
    return DriverRecord.Entry(
      sha256: before.sha256, version: nil, schemes: nil, installed: nil, from: nil,
      signature: try signature(of: destination))
  }

  private func signature(of driver: FilePath) throws(BelayError) -> String? {
    let path = driver.string + ".sig"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do throws(FileFlaw) {
      return String(decoding: try RegularFile.read(FilePath(path), most: 1 << 20), as: UTF8.self)
    } catch {
      throw Self.refused("the signature \(path) \(error.text)", error.cure)
    }
  }

  /// Gives the old file a second name in one step, so that there is always a complete file.
  private func keep() throws(Errno) {
    let temporary = previous.string + ".partial"
    try Self.remove(FilePath(temporary))
    guard link(destination.string, temporary) == 0, rename(temporary, previous.string) == 0 else {
      throw Errno(rawValue: errno)
    }
    // If both names are already the same file, rename changes nothing.
    try Self.remove(FilePath(temporary))
    try Durable.syncFolder(folder)
  }

  private func copy(_ file: String, to path: FilePath) throws(BelayError) {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(filePath: file), options: .alwaysMapped)
    } catch {
      throw BelayError(
        .notFound, "\(file) cannot be read", state: "nothing was installed", causes: ["\(error.localizedDescription)"])
    }
    do {
      try Durable.write(bytes, to: path, permissions: Self.readable)
    } catch {
      throw Self.failure("cannot write to \(folder)", error, forAll: false)
    }
  }

  private func removeAlias() throws(Errno) {
    if access(alias.removingLastComponent().string, F_OK) != 0 { return }
    try Self.remove(alias)
    guard rmdir(alias.removingLastComponent().string) == 0 else { throw Errno(rawValue: errno) }
  }

  package static func remove(_ path: FilePath) throws(Errno) {
    guard unlink(path.string) == 0 || errno == ENOENT else { throw Errno(rawValue: errno) }
  }

  private func removeLeftovers() throws(BelayError) {
    do throws(Errno) {
      for end in ["", ".sig", ".partial", ".sig.partial"] { try Self.remove(FilePath(staged.string + end)) }
      try removeAlias()
    } catch {
      throw Self.failure("cannot remove \(staged), left behind by an interrupted installation", error, forAll: false)
    }
  }

  package static func refused(_ message: String, _ hint: String?) -> BelayError {
    BelayError(.refused, message, hint: hint, state: "nothing was installed")
  }

  package static func failure(_ message: String, _ error: Errno, forAll: Bool) -> BelayError {
    let isDenied = error == .permissionDenied || error == .readOnlyFileSystem
    return BelayError(
      .failed, message, hint: isDenied && forAll ? "this needs root permissions: sudo belay driver …" : nil,
      state: "what was installed is unchanged", causes: ["\(error)"])
  }
}
