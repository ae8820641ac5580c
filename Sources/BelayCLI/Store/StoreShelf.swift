import BelayArchive
import BelayBase
import BelayCore
import BelayDatabase
import BelayStore
import SystemPackage

/// What the front reads of a store by itself, without a driver.
struct StoreShelf {
  private let store: Store

  init(_ root: String) { store = Store(FilePath(root)) }

  /// All whole archives, oldest first.
  func archives() throws(BelayError) -> [ArchiveSummary] {
    try store.archivesByAge().map(summary)
  }

  private func summary(_ entry: ArchiveEntry) -> ArchiveSummary {
    var summary = ArchiveSummary(entry)
    summary.failedVerification = store.runs.failedVerification(of: entry.id)
    return summary
  }

  /// The newest of those, of any target.
  func newestBackup() throws(BelayError) -> ArchiveSummary? { try archives().last { $0.isGoodBackup } }

  /// The newest backup of each target that can be read, by the target's name or URL. What belay saved by itself before a
  /// rollback is no backup to go back to.
  func newestBackups() throws(BelayError) -> [(target: String, archive: ArchiveSummary)] {
    var newest: [String: ArchiveSummary] = [:]
    for archive in try archives() where archive.isGoodBackup {
      newest[archive.target] = archive
    }
    return newest.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// What a person types names a file and no id.
  static func isPath(_ typed: String) -> Bool { Store.isPath(typed) }

  /// `latest:shop` is an archive, though it looks like a URL.
  static func namesByAge(_ typed: String) -> Bool { Store.namesByAge(typed) }

  /// The one that an id means: the id, a unique beginning of it, `latest`, `latest:TARGET`, or `oldest`.
  func archive(_ id: String) throws(BelayError) -> ArchiveSummary {
    let entry = try store.archive(id, acceptingFailed: true)
    var summary = summary(entry)
    // What cannot be read is damaged, and the summary says so.
    if let reader = try? entry.open() { summary.strangeness = store.runs.strangeness(of: reader) }
    return summary
  }

  /// The target that an archive is of.
  func recordedTarget(ofArchive id: String) throws(BelayError) -> RecordedTarget {
    let entry = try store.archive(id, acceptingFailed: true)
    do throws(BelayError) {
      let target = try entry.open().manifest.target
      return RecordedTarget(owner: "archive \(entry.id)", name: target.name, url: target.url, folder: target.folder)
    } catch {
      throw BelayError(
        .verificationFailed, "archive \(entry.id) is damaged", state: "nothing was changed", causes: [error.message])
    }
  }

  /// Runs that have begun and not ended.
  func openRuns() throws(BelayError) -> [OpenRunSummary] {
    try store.runs.openRuns().map { run in
      OpenRunSummary(
        id: run.record.id, kind: run.record.kind.rawValue, target: run.record.target ?? run.record.url,
        isAlive: run.isAlive, damage: run.damage?.message)
    }
  }

  /// Databases that restored backups were swapped in for, and that are still there.
  func previousDatabases() throws(BelayError) -> [PreviousDatabaseSummary] {
    try store.runs.previousDatabases().map {
      PreviousDatabaseSummary(
        target: $0.run.target ?? $0.run.url, run: $0.run.id, url: $0.url, until: $0.until, isCopy: $0.isCopy)
    }
  }
}

/// An archive as `list`, `show` and `status` tell of it.
package struct ArchiveSummary: Codable, Sendable, Equatable {
  package struct Table: Codable, Sendable, Equatable {
    package var schema: String
    package var name: String
    package var rows: UInt64
    package var digest: String

    package init(schema: String, name: String, rows: UInt64, digest: String) {
      self.schema = schema
      self.name = name
      self.rows = rows
      self.digest = digest
    }
  }

  package struct Member: Codable, Sendable, Equatable {
    package var name: String
    package var bytes: UInt64
    package var storedBytes: UInt64
    package var sha256: String

    package init(name: String, bytes: UInt64, storedBytes: UInt64, sha256: String) {
      self.name = name
      self.bytes = bytes
      self.storedBytes = storedBytes
      self.sha256 = sha256
    }
  }

  package var event = "archive"
  package var id: String
  package var path: String
  /// Of the archive's file.
  package var bytes: UInt64
  /// ISO 8601, UTC.
  package var createdAt: String
  /// The name in belay.yaml that the target had, if any.
  package var targetName: String?
  /// Without secrets.
  package var targetURL: String
  /// What a relative path in that URL started from.
  package var targetFolder: String?
  package var server: String
  package var driver: String
  package var tables: [Table] = []
  package var members: [Member] = []
  package var restore: [String] = []
  package var notes: [String] = []
  /// Why belay took it by itself; nil: it is a backup that somebody asked for, or that a migration began with.
  package var purpose: String?
  /// Why it cannot be read; nil: it can.
  package var damage: String?
  /// What was wrong with it when it was last verified; nil: nothing, or it was not verified since it was made.
  package var failedVerification: String?
  /// Why the store does not know it as one of its own; nil: it does, or nobody has looked, as in a list.
  package var strangeness: String?

  package init(
    id: String, path: String, bytes: UInt64, createdAt: String, targetName: String?, targetURL: String, server: String,
    driver: String
  ) {
    self.id = id
    self.path = path
    self.bytes = bytes
    self.createdAt = createdAt
    self.targetName = targetName
    self.targetURL = targetURL
    self.server = server
    self.driver = driver
  }
}

extension ArchiveSummary {
  var isGoodBackup: Bool { damage == nil && failedVerification == nil && purpose == nil }

  /// As a person knows it: the name in belay.yaml, or the URL.
  var target: String { targetName ?? targetURL }

  /// Reads the manifest. What cannot be read is listed as damaged rather than left out.
  init(_ entry: ArchiveEntry) {
    do {
      let manifest = try entry.open().manifest
      let target = manifest.target
      self.init(
        id: entry.id, path: entry.location, bytes: entry.bytes, createdAt: manifest.createdAt,
        targetName: target.name, targetURL: target.url, server: "\(target.serverName) \(target.serverVersion)",
        driver: "\(target.driver) \(target.driverVersion)")
      targetFolder = target.folder
      tables = manifest.tables.map { Table(schema: $0.schema, name: $0.name, rows: $0.rows, digest: $0.digest) }
      members = manifest.members.map {
        Member(name: $0.name, bytes: $0.bytes, storedBytes: $0.storedBytes, sha256: $0.sha256)
      }
      restore = Array(manifest.waysToRestore.joined(separator: [""]))
      notes = manifest.notes
      purpose = manifest.purpose
    } catch {
      self.init(
        id: entry.id, path: entry.location, bytes: entry.bytes, createdAt: "", targetName: nil, targetURL: "",
        server: "", driver: "")
      damage = error.message
    }
  }
}

/// A run that waits for `belay recover`, or is at work now.
package struct OpenRunSummary: Codable, Sendable, Equatable {
  package var event = "open_run"
  package var id: String
  /// "migrate", "rollback", …
  package var kind: String
  /// Without secrets.
  package var target: String
  /// Its process still lives.
  package var isAlive: Bool
  /// Why its journal cannot be read; nil: it can.
  package var damage: String?

  package init(id: String, kind: String, target: String, isAlive: Bool, damage: String? = nil) {
    self.id = id
    self.kind = kind
    self.target = target
    self.isAlive = isAlive
    self.damage = damage
  }
}

/// A previous database, or a copy that a run left behind, as `status` tells of it.
package struct PreviousDatabaseSummary: Codable, Sendable, Equatable {
  package var event = "previous_database"
  /// Whose content it was, without secrets.
  package var target: String
  /// The run that put another content in its place.
  package var run: String
  /// Its URL, without secrets.
  package var url: String
  /// ISO 8601, UTC: not dropped before. Empty for a copy.
  package var until: String
  /// Nothing but a copy, that is dropped as soon as possible.
  package var isCopy: Bool

  package init(target: String, run: String, url: String, until: String, isCopy: Bool) {
    self.target = target
    self.run = run
    self.url = url
    self.until = until
    self.isCopy = isCopy
  }
}
