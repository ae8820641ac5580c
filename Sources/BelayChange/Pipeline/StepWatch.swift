import BelayBase
import BelayDrivers

/// What is known of the step that runs, from one look at the engine's footprint to the next.
package struct StepWatch {
  /// At the last look; nil: the driver does not tell.
  var seen: [TableFootprint]?
  /// What was done since the last judgement, up to the last look.
  var evidence = Evidence()
  /// Statements that have run since the last look.
  var unseen: [RanStatement] = []
  /// When the first of them began, in seconds of the watch.
  var unseenSince = 0.0
  /// Right after BEGIN.
  let began = ContinuousClock.now
  /// What the part that runs means as a whole.
  var intent = Intent()
  /// The tables when judgement was passed last: of these the contract judges what happens to them.
  var tables: [CatalogTable] = []
  /// What the database shares with others, when it was looked at last; nil: the driver does not tell.
  var surroundings: Surroundings?
  /// nil: the driver does not tell.
  var observation: Observation?
  /// Spent in statements and checks: what the target will spend too.
  package var seconds = 0.0
  /// Spent in looking.
  var looking = 0.0

  /// Seconds since BEGIN.
  var elapsed: Double { (ContinuousClock.now - began).seconds }
}
