import CBelayDriver

/// Turns the rows of one table into text. Used by one thread at a time.
///
/// Legal order: `begin`, `add` any number of times, `finish`; `drain` at any time between. Nothing is written but what
/// `drain` hands out, so drain after every `add`: what waits is memory.
package protocol RowEncoder {
  /// Once, first.
  mutating func begin(columns: [String])
  /// The cells of `batch` are in the order of the columns.
  mutating func add(_ batch: belay_batch)
  /// Once, last.
  mutating func finish()
  /// Passes on the finished output, in one piece that is valid during the call. If `body` throws, the output is kept.
  mutating func drain(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows
  /// Rows that the engine does not take in this form, because each is longer than it allows a statement to be.
  var overlongRows: Int { get }
}

extension RowEncoder {
  package var overlongRows: Int { 0 }
}
