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

/// The numbers are the ABI's.
package struct StatementFlags: OptionSet, Sendable, Hashable, Codable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let opensTransaction = StatementFlags(rawValue: 1)
  package static let endsTransaction = StatementFlags(rawValue: 2)
  /// Refuses to run inside a transaction.
  package static let refusesTransaction = StatementFlags(rawValue: 4)
  /// Has its effect only outside a transaction; inside one it silently does nothing.
  package static let onlyBeforeTransaction = StatementFlags(rawValue: 8)
  /// A command of the engine's client: cannot be run.
  package static let client = StatementFlags(rawValue: 16)
  /// Could not be analysed: `writes` is not complete, `note` says why.
  package static let unread = StatementFlags(rawValue: 32)
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

/// The numbers are the ABI's.
package struct WriteActions: OptionSet, Sendable, Hashable, Codable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let insert = WriteActions(rawValue: 1)
  package static let update = WriteActions(rawValue: 2)
  package static let delete = WriteActions(rawValue: 4)
  package static let create = WriteActions(rawValue: 8)
  package static let drop = WriteActions(rawValue: 16)
  package static let alter = WriteActions(rawValue: 32)
}
