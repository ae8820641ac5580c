import BelayABI

/// "belay.script/1": where statements end, and what they write.
public protocol ScriptSplitting: DriverConnection {
  /// Analyses a script against the current schema, without changing anything. Each statement is analysed as if those
  /// before it had run. An error in a statement is not a failure: the statement is flagged `.unread`, with a note.
  ///
  /// The script is passed as bytes, because it may not be UTF-8; they are valid during the call.
  func split(_ script: UnsafeRawBufferPointer, operation: Operation) throws(DriverFailure) -> [ScriptStatement]
}

/// "belay.lint/1": findings about a migration that are specific to the engine.
public protocol Linting: DriverConnection {
  /// Analyses a script against the current schema, without changing anything.
  func lint(_ script: UnsafeRawBufferPointer, operation: Operation) throws(DriverFailure) -> [LintFinding]
}
