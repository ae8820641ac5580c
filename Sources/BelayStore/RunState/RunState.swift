import BelayBase
import Foundation
import SystemPackage

/// What runs keep on the local disk: their folders with the journals, the index of those, the locks, the audit log.
/// Everything in it survives a power cut.
package struct RunState: Sendable {
  package let root: FilePath
  let index: RunIndex
  /// What is known of a run whose journal and index have both lost it, by the archive that it made.
  let recordOfArchive: @Sendable (String) -> RunRecord?

  /// Whose archives' proofs are meant; nil: the store's own.
  let elsewhere: RepositoryDefinition?

  package init(
    _ root: FilePath, elsewhere: RepositoryDefinition? = nil,
    recordOfArchive: @escaping @Sendable (String) -> RunRecord? = { _ in nil }
  ) {
    self.root = root
    self.elsewhere = elsewhere
    self.recordOfArchive = recordOfArchive
    index = RunIndex(root.appending("index"), of: root.appending("runs"))
  }

  package var runsFolder: FilePath { root.appending("runs") }
  package var locksFolder: FilePath { root.appending("locks") }
  var indexFolder: FilePath { root.appending("index") }
  var failedFolder: FilePath { root.appending("failed") }
  package var auditLog: FilePath { root.appending("audit.ndjson") }
  package func folder(of id: String) -> FilePath { runsFolder.appending(id) }
  func journal(of id: String) -> FilePath { folder(of: id).appending(Journal.fileName) }

  /// Makes what is missing and proves that files can be written here.
  /// - Throws: also where somebody else could have written what is here.
  package func prepare() throws(BelayError) {
    try checkOwnership()
    do {
      for folder in [root, runsFolder, locksFolder] { try Durable.makeFolder(folder) }
      let probe = root.appending(".probe-\(UUID().uuidString)")
      try Durable.write(Data("belay".utf8), to: probe)
      unlink(probe.string)
    } catch {
      throw BelayError(
        .refused, "cannot write to the store \(root)", hint: "make it writable, or choose another with --store",
        causes: [error.description])
    }
    if !index.isComplete { try index.complete(with: try indexedByJournals()) }
  }

  /// Whether `prepare` would succeed, as far as that can be known without making anything.
  package func checkWritable() throws(BelayError) {
    try checkOwnership()
    var place = root
    while access(place.string, F_OK) != 0, errno == ENOENT, place.removingLastComponent() != place, !place.isEmpty {
      place.removeLastComponent()
    }
    let isFolder = FileManager.default.isFolder(place.isEmpty ? "." : place.string)
    guard !isFolder || access(place.isEmpty ? "." : place.string, W_OK | X_OK) != 0 else { return }
    throw BelayError(
      .refused, "cannot write to the store \(root)", hint: "make it writable, or choose another with --store",
      causes: ["\(place): \(isFolder ? Errno(rawValue: errno).description : "is not a folder")"])
  }

  /// Free bytes on the disk of the store; nil if that is not known.
  package func freeBytes() -> UInt64? {
    var place = root
    while !place.isEmpty {
      var info = statvfs()
      if statvfs(place.string, &info) == 0 { return UInt64(info.f_bavail) * UInt64(info.f_frsize) }
      if place.removingLastComponent() == place { break }
      place.removeLastComponent()
    }
    return nil
  }

  /// Makes the folder of a run.
  /// - Returns: false where there is one of that name already.
  func claim(_ id: String) throws(BelayError) -> Bool {
    do throws(Errno) {
      guard mkdir(folder(of: id).string, 0o700) == 0 else { throw Errno(rawValue: errno) }
      // The journal in it is of no use where the folder itself is lost with the power.
      try Durable.syncFolder(runsFolder)
      return true
    } catch .fileExists {
      return false
    } catch {
      throw BelayError(.refused, "cannot create \(folder(of: id))", causes: [error.description])
    }
  }

  /// For a run that did not begin: removes its folder if that is empty.
  package func giveBack(_ id: String) {
    rmdir(folder(of: id).appending("scratch").string)
    rmdir(folder(of: id).string)
  }
}

extension FileManager {
  fileprivate func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
