import BelayABI

/// One statement of a script, and what it names and writes itself.
public struct ScriptStatement: Sendable, Equatable {
  /// Where it starts in the script, in bytes.
  public var offset: Int
  /// How long it is in bytes, without the separator.
  public var length: Int
  /// The line of its first word, from 1.
  public var line: Int
  /// What the host must know before it runs it.
  public var flags: StatementFlags
  /// Objects that it names and writes itself: no cascades, no triggers.
  public var writes: [ScriptWrite]
  /// For people; may be empty.
  public var note: String

  /// A statement at a place in the script.
  public init(
    offset: Int, length: Int, line: Int, flags: StatementFlags = [], writes: [ScriptWrite] = [], note: String = ""
  ) {
    self.offset = offset
    self.length = length
    self.line = line
    self.flags = flags
    self.writes = writes
    self.note = note
  }
}

/// One object that a statement names and writes. A rename is a drop of the old name and a create of the new one, both
/// with `.alter`.
public struct ScriptWrite: Sendable, Equatable {
  /// As in `SchemaObject`.
  public var kind: String
  /// As in `SchemaObject`.
  public var schema: String
  /// As in `SchemaObject`.
  public var name: String
  /// As in `SchemaObject`.
  public var parent: String
  /// What is done to it.
  public var actions: WriteActions

  /// An object and what is done to it.
  public init(kind: String, schema: String = "", name: String, parent: String = "", actions: WriteActions) {
    self.kind = kind
    self.schema = schema
    self.name = name
    self.parent = parent
    self.actions = actions
  }
}
