import BelayArchive
import BelayBase
import BelayStore
import BelayText
import Foundation

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

  package struct Proof: Codable, Sendable, Equatable {
    package var level: VerificationLevel
    /// ISO 8601, UTC.
    package var at: String
    /// What spoke against the archive; nil: it was good.
    package var failure: String?

    package init(level: VerificationLevel, at: String, failure: String? = nil) {
      self.level = level
      self.at = at
      self.failure = failure
    }
  }

  package struct Pinned: Codable, Sendable, Equatable {
    /// ISO 8601, UTC.
    package var at: String
    package var by: String
    package var reason: String?
  }

  /// In another repository, where it was compared at that moment.
  package struct Copy: Codable, Sendable, Equatable {
    package var repository: String
    package var location: String
    /// ISO 8601, UTC.
    package var at: String
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
  /// As the driver tells it; nil: it cannot be read.
  package var targetIdentity: String?
  package var server: String
  package var driver: String
  package var tables: [Table] = []
  package var members: [Member] = []
  package var restore: [String] = []
  package var notes: [String] = []
  /// The public keys for which it is encrypted; nil: it is not.
  package var recipients: [String]?
  /// Its tables and members are known only with a key, and none was given that opens it; nil: they are known.
  package var isSealed: Bool?
  /// Why belay took it by itself; nil: it is a backup that somebody asked for.
  package var purpose: String?
  /// "manual", "before-migration", "before-rollback", …; nil: it cannot be read.
  package var kind: String?
  /// What it holds where that is not the whole database; nil: it is.
  package var scope: ScopeRecord?
  /// native, sql, csv, json: those that it contains.
  package var formats: [String] = []
  /// The highest level at which it was proven since a proof failed, and when; nil: it was not.
  package var proof: Proof?
  /// All that is recorded, oldest first.
  package var proofs: [Proof] = []
  /// nil: it is not pinned.
  package var pin: Pinned?
  package var manifestSHA256: String?
  /// Where else it was stored.
  package var copies: [Copy] = []
  /// Why it cannot be read; nil: it can.
  package var damage: String?
  /// It cannot be read here and now, and `damage` says why, which is nothing against it; nil: it can, or it is damaged.
  package var isOutOfReach: Bool?
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
  var isGoodBackup: Bool {
    damage == nil && failedVerification == nil && kind.map { ArchiveKind($0).isBackup } ?? false
      && scope?.configured ?? true
  }

  /// As a person knows it: the name in belay.yaml, or the URL.
  var target: String { targetName ?? targetURL }

  /// - Parameter typed: a target's name, or its URL.
  func isOf(_ typed: String) -> Bool { typed == targetName || redact(url: typed) == targetURL }

  /// In seconds; nil: it cannot be read.
  func age(now: Date) -> Int? { Moment.parse(createdAt).map { Int(now.timeIntervalSince($0)) } }

  /// Reads the manifest. What cannot be read is listed, with the reason, rather than left out.
  init(_ entry: ArchiveEntry, keys: (any MemberDecryptor)? = nil) {
    do {
      let reader = try entry.open(with: keys)
      let manifest = reader.manifest
      let target = manifest.target
      self.init(
        id: entry.id, path: entry.location, bytes: entry.bytes, createdAt: manifest.createdAt,
        targetName: target.name, targetURL: target.url, server: "\(target.serverName) \(target.serverVersion)",
        driver: "\(target.driver) \(target.driverVersion)")
      targetFolder = target.folder
      targetIdentity = target.identity
      manifestSHA256 = reader.manifestSHA256
      kind = manifest.kind.name
      formats = manifest.formats
      tables = manifest.tables.map { Table(schema: $0.schema, name: $0.name, rows: $0.rows, digest: $0.digest) }
      members = manifest.members.map {
        Member(name: $0.name, bytes: $0.bytes, storedBytes: $0.storedBytes, sha256: $0.sha256)
      }
      restore = Array(manifest.waysToRestore.joined(separator: [""]))
      notes = manifest.notes
      recipients = manifest.encryption?.recipients
      if manifest.member(.sealed) != nil { isSealed = true }
      purpose = manifest.purpose
      scope = manifest.scope
    } catch {
      self.init(
        id: entry.id, path: entry.location, bytes: entry.bytes, createdAt: "", targetName: nil, targetURL: "",
        server: "", driver: "")
      damage = error.message
      if !error.speaksAgainstArchive { isOutOfReach = true }
    }
  }
}

extension Manifest {
  /// Of what kinds its members are, as `--formats` names them.
  fileprivate var formats: [String] {
    let kinds: [(String, MemberKind)] = [("native", .native), ("sql", .sql), ("csv", .csv), ("json", .json)]
    return kinds.filter { member($0.1) != nil }.map(\.0)
  }
}
