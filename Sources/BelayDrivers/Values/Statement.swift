import BelayABI

/// One statement of a script, and what it writes by name.
package struct Statement: Sendable, Codable, Equatable {
  /// Offset in the script, in bytes.
  package var offset: Int
  /// Length in bytes, without the separator.
  package var length: Int
  /// The line, from 1.
  package var line: Int
  package var flags: StatementFlags
  package var writes: [ScriptWrite]
  /// Why it could not be analyzed, or another note about it.
  package var note: String?
  package var sql: String

  package init(
    offset: Int, length: Int, line: Int, flags: StatementFlags, writes: [ScriptWrite], note: String? = nil, sql: String
  ) {
    self.offset = offset
    self.length = length
    self.line = line
    self.flags = flags
    self.writes = writes
    self.note = note
    self.sql = sql
  }
}
