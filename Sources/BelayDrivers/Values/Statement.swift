import BelayABI

/// One statement of a script, and what it writes by name.
package struct Statement: Sendable, Codable, Equatable {
  /// Bytes from the script's begin.
  package var offset: Int
  /// Bytes, without the separator.
  package var length: Int
  /// From 1.
  package var line: Int
  package var flags: StatementFlags
  package var writes: [Write]
  /// Why it could not be read, or what to know about it.
  package var note: String?
  package var sql: String

  package init(
    offset: Int, length: Int, line: Int, flags: StatementFlags, writes: [Write], note: String? = nil, sql: String
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

/// One object that a statement names and writes itself: no cascades, no triggers.
package struct Write: Sendable, Codable, Equatable {
  package var kind: String
  package var schema: String
  package var name: String
  package var parent: String
  package var actions: WriteActions

  package init(kind: String, schema: String = "", name: String, parent: String = "", actions: WriteActions) {
    self.kind = kind
    self.schema = schema
    self.name = name
    self.parent = parent
    self.actions = actions
  }
}
