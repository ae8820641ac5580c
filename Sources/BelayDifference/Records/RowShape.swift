import BelayRows
import CBelayDriver

/// Which cells of a table's rows are compared, and which of these are the key. Two sides are compared in the same order of
/// columns, whatever order each has them in.
package struct RowShape: Sendable {
  /// Of each compared column, its place in the rows of this side.
  private let places: [Int]
  /// Places in `places`; empty: the table has no key.
  private let key: [Int]

  package init(places: [Int], key: [Int]) {
    self.places = places
    self.key = key
  }

  /// The rows of a batch as records.
  package func eachRecord(of batch: belay_batch, _ body: (RowRecord) throws -> Void) rethrows {
    let width = Int(batch.ncols)
    guard width > 0, let cells = batch.cells else {
      for _ in 0..<batch.nrows { try body(RowRecord(key: [], content: [])) }
      return
    }
    for row in 0..<Int(batch.nrows) { try body(record(of: cells + row * width)) }
  }

  private func record(of cells: UnsafePointer<belay_cell>) -> RowRecord {
    var content: [UInt8] = []
    for place in places { CellBytes.append(cells[place], to: &content) }
    var keyBytes: [UInt8] = []
    for place in key {
      let cell = cells[places[place]]
      // What is NULL is the same as nothing else: such rows can be there twice.
      if cell.type == CellType.null { return RowRecord(key: [], content: content) }
      KeyBytes.append(cell, to: &keyBytes)
    }
    return RowRecord(key: keyBytes, content: content)
  }
}
