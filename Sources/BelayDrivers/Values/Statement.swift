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
  /// Columns that get the value of an expression, in rows that are copied or that are there; nil: the driver does not tell.
  package var computed: [ComputedColumn]?
  /// Why it could not be analyzed, or another note about it.
  package var note: String?
  package var sql: String

  package init(
    offset: Int, length: Int, line: Int, flags: StatementFlags, writes: [ScriptWrite],
    computed: [ComputedColumn]? = nil, note: String? = nil, sql: String
  ) {
    self.offset = offset
    self.length = length
    self.line = line
    self.flags = flags
    self.writes = writes
    self.computed = computed
    self.note = note
    self.sql = sql
  }
}

/// A column that gets the value of an expression.
package struct ComputedColumn: Sendable, Codable, Equatable {
  package var schema: String
  package var table: String
  package var name: String

  package init(schema: String = "", table: String, name: String) {
    self.schema = schema
    self.table = table
    self.name = name
  }
}
