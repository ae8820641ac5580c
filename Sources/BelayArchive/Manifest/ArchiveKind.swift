/// What an archive was made for. A newer belay may know others.
package struct ArchiveKind: Sendable, Hashable, CustomStringConvertible {
  package let name: String

  package init(_ name: String) { self.name = name }

  /// Somebody asked for it.
  package static let manual = ArchiveKind("manual")
  /// A schedule made it.
  package static let scheduled = ArchiveKind("scheduled")
  /// A migration began with it.
  package static let beforeMigration = ArchiveKind("before-migration")
  /// A migration that succeeded ended with it.
  package static let afterMigration = ArchiveKind("after-migration")
  package static let beforeRollback = ArchiveKind("before-rollback")
  package static let beforeRecovery = ArchiveKind("before-recovery")
  package static let beforeSwap = ArchiveKind("before-swap")

  package static let all: [ArchiveKind] = backups + [.beforeRollback, .beforeRecovery, .beforeSwap]
  private static let backups: [ArchiveKind] = [.manual, .scheduled, .beforeMigration, .afterMigration]

  /// Of a state that somebody may want to go back to. The others hold what was there before a database was put back.
  package var isBackup: Bool { Self.backups.contains(self) }

  package var description: String { name }
}

extension Manifest {
  package var kind: ArchiveKind { purpose.map { ArchiveKind($0) } ?? .manual }
}
