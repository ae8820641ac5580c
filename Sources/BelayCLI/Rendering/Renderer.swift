import BelayBase
import BelayCore

/// Shows the one stream of events to somebody. Used by one thread.
package protocol Renderer: AnyObject {
  /// Shows one event. The last one is a `result`.
  func show(_ event: Event)
  /// Shows one record of a listing (`list`, `show`, `driver list`): the lines for a person, or the value for a program.
  func show(_ record: some Encodable, as lines: [String])
  /// Time has passed without an event: what counts down is drawn anew.
  func tick()
  /// Of the terminal that records are shown on; nil: there is none, and lines are as long as they like.
  var columns: Int? { get }
}

extension Renderer {
  package func tick() {}
  package var columns: Int? { nil }
}
