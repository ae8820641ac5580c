import BelayDrivers

/// What is known of the step that runs, from one look at the engine's footprint to the next.
package struct StepWatch {
  /// At the last judgement; nil: the driver does not tell.
  var judged: [TableFootprint]?
  /// What the database shares with others, when it was looked at last; nil: the driver does not tell.
  var surroundings: Surroundings?
  /// In the rehearsal, within a transaction.
  var observation: Observation?
  /// Spent in statements and checks: what the target will spend too.
  package var seconds = 0.0
  /// Spent in looking.
  var looking = 0.0
  /// The first statement that nobody has looked after yet.
  var unseen: (place: String, began: Double)?
}
