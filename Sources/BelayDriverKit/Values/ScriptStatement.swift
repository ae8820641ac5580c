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
  /// Objects that it names and writes itself, without cascades and triggers.
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
