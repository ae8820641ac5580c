/// A run's way to speak and to ask. The worker's implementation writes events to a pipe; a test's collects them.
package protocol Narrator: Sendable {
  /// Hands one event on. Never fails: a front that is gone is noticed as a cancellation.
  func tell(_ event: Event)
  /// Waits for the answer. nil: nobody there to ask, or the run was cancelled meanwhile.
  func ask(_ kind: Question.Kind, _ text: String) -> String?
}
