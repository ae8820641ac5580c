/// "belay.script/1": where statements end, and what they write.
public protocol ScriptSplitting: DriverConnection {
  /// Reads a script against the schema as it is now, changing nothing. A statement that sees the effects of those before
  /// it is read so. An error in a statement is no failure: it is flagged `.unread` with a note.
  ///
  /// The script comes as bytes, for it may not be UTF-8; they are borrowed for the time of the call.
  func split(_ script: UnsafeRawBufferPointer, operation: Operation) throws(DriverFailure) -> [ScriptStatement]
}

/// "belay.lint/1": the dialect's own findings on a migration.
public protocol Linting: DriverConnection {
  /// Reads a script against the schema as it is now, changing nothing.
  func lint(_ script: UnsafeRawBufferPointer, operation: Operation) throws(DriverFailure) -> [LintFinding]
}

/// Something that the dialect's linter has to say about a line of a migration.
public struct LintFinding: Sendable, Equatable {
  /// How bad it is.
  public enum Severity: String, Sendable {
    /// The migration must not run as it stands.
    case error
    /// It may, and the reader should know.
    case warning
    /// Worth knowing.
    case note
  }

  /// From 1.
  public var line: Int
  /// How bad it is.
  public var severity: Severity
  /// A stable word for the rule, e.g. "drop-table".
  public var rule: String
  /// Lowercase, without a full stop; names the object.
  public var message: String
  /// What to do about it.
  public var hint: String?

  /// A finding at a line.
  public init(line: Int, _ severity: Severity, rule: String, _ message: String, hint: String? = nil) {
    self.line = line
    self.severity = severity
    self.rule = rule
    self.message = message
    self.hint = hint
  }
}
