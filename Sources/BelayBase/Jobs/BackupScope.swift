/// Which tables a backup holds, by patterns: `[SCHEMA.]TABLE`, in which `*` stands for any text and `?` for one character.
///
/// A table is in it if a pattern of `schemas` or `tables` matches it, or both are empty, and none of `excludedTables` does.
package struct BackupScope: Codable, Sendable, Equatable {
  package var schemas: [String] = []
  package var tables: [String] = []
  package var excludedTables: [String] = []
  /// A pattern that matches nothing stops the backup; else it is a warning.
  package var isRequired = true
  /// belay.yaml says so of the target: a backup of this scope is what its owner wants kept. Else somebody has asked for it
  /// once.
  package var isConfigured = false

  package init() {}

  /// It says nothing.
  package var isEmpty: Bool { schemas.isEmpty && tables.isEmpty && excludedTables.isEmpty }
}
