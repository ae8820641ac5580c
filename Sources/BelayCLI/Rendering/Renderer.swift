import BelayBase
import BelayCore

/// Shows the one stream of events to somebody. Used by one thread.
package protocol Renderer: AnyObject {
  /// Shows one event. The last one is a `result`.
  func show(_ event: Event)
  /// Shows one record of a listing (`list`, `show`, `driver list`): the lines for a person, or the value for a program.
  func show(_ record: some Encodable, as lines: [String])
}
