import BelayArchive
import BelayBase
import Foundation
import SystemPackage

/// The folder that holds archives, runs and the audit log.
///
///     STORE/20261120T143022Z-shop.tar      archives
///     STORE/runs/ID/                       journal.ndjson, report.md, scratch/, staging/
///     STORE/locks/                         one per target
///     STORE/audit.ndjson
package struct Store: Sendable {
  package let root: FilePath

  package init(_ root: FilePath) { self.root = root }

  package var runsFolder: FilePath { root.appending("runs") }
  package var locksFolder: FilePath { root.appending("locks") }
  package var auditLog: FilePath { root.appending("audit.ndjson") }
  package func archivePath(_ id: String) -> FilePath { root.appending(id + ".tar") }
  package func runFolder(_ id: String) -> FilePath { runsFolder.appending(id) }

  /// Makes what is missing and proves that files can be written here.
  package func prepare() throws(BelayError) {
    do {
      for folder in [root, runsFolder, locksFolder] { try Durable.makeFolder(folder) }
      let probe = root.appending(".probe-\(getpid())")
      try Durable.write(Data("belay".utf8), to: probe)
      unlink(probe.string)
    } catch {
      throw BelayError(
        .refused, "cannot write to the store \(root)", hint: "make it writable, or choose another with --store",
        causes: [error.description])
    }
  }

  /// Bytes that can still be written where the store lies; nil where that cannot be known.
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

  /// A name that neither an archive nor a run has yet. Its run's folder is made here: runs on two targets that begin in
  /// the same second must not both find the name free, and write one journal and one archive.
  package func newID(now: Date, label: String) throws(BelayError) -> String {
    let base = RunID(now: now, label: label).description
    var id = base
    var count = 1
    while true {
      if !exists(archivePath(id)), try claim(id) { return id }
      count += 1
      id = "\(base)-\(count)"
    }
  }

  /// For a run that did not begin: its folder goes, if nothing lies in it.
  package func giveBack(_ id: String) {
    rmdir(runFolder(id).appending("scratch").string)
    rmdir(runFolder(id).string)
  }

  private func claim(_ id: String) throws(BelayError) -> Bool {
    if mkdir(runFolder(id).string, 0o700) == 0 { return true }
    let reason = Errno(rawValue: errno)
    guard reason == .fileExists else {
      throw BelayError(.refused, "cannot make \(runFolder(id))", causes: [reason.description])
    }
    return false
  }

  private func exists(_ path: FilePath) -> Bool { access(path.string, F_OK) == 0 }
}
