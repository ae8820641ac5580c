/// The ways back, fastest first.
package enum RollbackMethod: String, Codable, Sendable, CaseIterable {
  /// The engine rolls back its own transaction.
  case transaction
  /// What the run has added is dropped again by name: nothing else had changed.
  case added
  /// The engine goes back by itself to the bookmark that was taken before.
  case rewind
  /// The backup restored into a scratch database, proven there, and swapped in.
  case scratch
  /// The native dump restored in place, all or nothing.
  case native
  /// Schema and rows loaded again through SQL.
  case rows
}

extension RollbackMethod {
  /// Those that restore the backup.
  package static let restoring: [RollbackMethod] = [.rewind, .scratch, .native, .rows]

  package var words: String {
    switch self {
    case .transaction: "the engine's ROLLBACK"
    case .added: "added objects dropped again"
    case .rewind: "the engine's own rewind"
    case .scratch: "a restored copy swapped in"
    case .native: "the native dump restored in place"
    case .rows: "schema and rows loaded again"
    }
  }
}
