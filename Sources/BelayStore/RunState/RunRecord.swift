import BelayBase

/// What a run is, as its journal's first line says.
package struct RunRecord: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable {
    case backup, verify, migrate, rollback, restore, extract
    /// A command of somebody else's, under guard.
    case guarded = "guard"
    /// Migrations that have run before are marked as applied.
    case adopt
    /// The way down of a migration is drafted.
    case draft

    /// Copies of tables are made or dropped inside their database, each call in one transaction.
    case snapshotTable = "snapshot-table"
    /// The rows of such a copy go back into their table.
    case restoreTable = "restore-table"

    /// Its run writes to scratch databases alone, or in one transaction: what a dead one left is removed without
    /// a question.
    package var isHarmless: Bool { [.backup, .verify, .extract, .draft, .snapshotTable].contains(self) }

    /// Its run carries out a change, as the pipeline does.
    package var changesTarget: Bool { [.migrate, .guarded, .adopt, .restoreTable].contains(self) }
  }
  package var id: String
  package var kind: Kind
  /// The target's name in belay.yaml, if it has one.
  package var target: String?
  /// Without secrets.
  package var url: String
  /// What a relative path in the URL starts from.
  package var folder: String
  /// As the driver tells it: the same for two URLs of one database.
  package var identity: String
  package var driver: String
  package var processID: Int32

  package init(
    id: String, kind: Kind, target: String?, url: String, folder: String, identity: String, driver: String,
    processID: Int32
  ) {
    self.id = id
    self.kind = kind
    self.target = target
    self.url = url
    self.folder = folder
    self.identity = identity
    self.driver = driver
    self.processID = processID
  }
}

extension RunRecord {
  /// Of a run of which nothing is believed.
  static func untrusted(_ id: String) -> RunRecord {
    RunRecord(
      id: id, kind: .migrate, target: nil, url: "an unknown database", folder: "/", identity: "", driver: "",
      processID: 0)
  }

  package var recordedTarget: RecordedTarget {
    RecordedTarget(owner: "run \(id)", name: target, url: url, folder: folder)
  }
}
