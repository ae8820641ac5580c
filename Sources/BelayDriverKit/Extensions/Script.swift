import BelayABI

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
