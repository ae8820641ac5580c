/// A failure as a person reads it at 3 a.m.: what failed, on which object, what state the database is in, what to type.
///
/// Rooms throw their own small errors; the core turns each once into this one. The command line prints it and exits
/// with `status`.
package struct BelayError: Error, Codable, Sendable, Equatable {
  package var status: ExitStatus
  /// Lowercase, without a full stop; names the object.
  package var message: String
  /// What to type or to look at next.
  package var hint: String?
  /// What state the database is in now, e.g. "app.db is untouched".
  package var state: String?
  /// What lay beneath, outermost first, e.g. the engine's own message.
  package var causes: [String]

  package init(
    _ status: ExitStatus, _ message: String, hint: String? = nil, state: String? = nil, causes: [String] = []
  ) {
    self.status = status
    self.message = message
    self.hint = hint
    self.state = state
    self.causes = causes
  }
}
