import CBelayDriver

/// Turns the rows of one table into text. Used by one thread at a time.
///
/// Legal order: `begin`, `add` any number of times, `finish`; `drain` at any time between. Nothing is written but what
/// `drain` hands out, so drain after every `add`: what waits is memory.
package protocol RowEncoder {
  /// Once, first.
  mutating func begin(columns: [String])
  /// Cells of `batch` stand in the order of the columns.
  mutating func add(_ batch: belay_batch)
  /// Once, last.
  mutating func finish()
  /// Hands over what is ready, in one piece that is valid during the call. If `body` throws, it stays ready.
  mutating func drain(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows
}

extension belay_cell {
  /// Of a cell with `ptr`: text, blob, native.
  var bytes: UnsafeRawBufferPointer {
    len == 0 ? UnsafeRawBufferPointer(start: nil, count: 0) : UnsafeRawBufferPointer(start: v.ptr, count: Int(len))
  }
}

/// The tags of belay_cell, as the types that switch wants.
enum CellType {
  static let null = UInt32(BELAY_NULL)
  static let bool = UInt32(BELAY_BOOL)
  static let integer = UInt32(BELAY_I64)
  static let real = UInt32(BELAY_F64)
  static let text = UInt32(BELAY_TEXT)
  static let blob = UInt32(BELAY_BLOB)
  static let native = UInt32(BELAY_NATIVE)
}
