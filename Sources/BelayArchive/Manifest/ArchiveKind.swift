/// What an archive was made for. A newer belay may know others.
package struct ArchiveKind: Sendable, Hashable, CustomStringConvertible {
  package let name: String

  package init(_ name: String) { self.name = name }

  /// Somebody asked for it.
  package static let manual = ArchiveKind("manual")
  /// A migration began with it.
  package static let beforeMigration = ArchiveKind("before-migration")
  package static let beforeRollback = ArchiveKind("before-rollback")
  package static let beforeRecovery = ArchiveKind("before-recovery")
  package static let beforeSwap = ArchiveKind("before-swap")

  package static let all: [ArchiveKind] = [.manual, .beforeMigration, .beforeRollback, .beforeRecovery, .beforeSwap]

  /// Of a state that somebody may want to go back to. The others hold what was there before a database was put back.
  package var isBackup: Bool { self == .manual || self == .beforeMigration }

  package var description: String { name }
}

extension Manifest {
  package var kind: ArchiveKind { purpose.map { ArchiveKind($0) } ?? .manual }
}
