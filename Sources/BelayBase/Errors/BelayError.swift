/// A failure as a person reads it at 3 a.m.: what failed, on which object, what state the database is in, what to type.
///
/// Rooms throw their own small errors; the core turns each once into this one. What belay does next depends on `kind`
/// alone, never on an exit status or a message.
package struct BelayError: Error, Codable, Sendable, Equatable {
  /// Why it failed.
  package var kind: Kind
  /// Lowercase, without a full stop; names the object.
  package var message: String
  /// What to type or to look at next.
  package var hint: String?
  /// What state the database is in now, e.g. "app.db is untouched".
  package var state: String?
  /// What lay beneath, outermost first, e.g. the engine's own message.
  package var causes: [String]
  /// Others held a lock that was needed, or the engine gave the transaction up to let them go on: the same may succeed if it
  /// is tried again from the transaction's beginning. Known where the failure arises, and told to nobody else.
  package var mayBeTriedAgain = false

  private enum CodingKeys: CodingKey { case kind, message, hint, state, causes }

  package init(_ kind: Kind, _ message: String, hint: String? = nil, state: String? = nil, causes: [String] = []) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.state = state
    self.causes = causes
  }
}
