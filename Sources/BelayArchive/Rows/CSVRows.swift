import BelayRows
import CBelayDriver

/// Rows that have been read and not handed out yet.
struct CSVRows {
  private static let usualBytes = 1 << 20

  private var cells = CellBuffer()
  private var columns = 0
  /// Cells of rows that are complete.
  private var complete = 0
  /// Complete rows of a table without columns.
  private var bareRows: UInt64 = 0

  var isFull: Bool { cells.size >= CSVRows.usualBytes }

  mutating func append(_ value: BareValue) {
    switch value {
    case .null: cells.append(.null)
    case .bool(let value): cells.append(.bool(value))
    case .integer(let value): cells.append(.integer(value))
    case .real(let value): cells.append(.real(value))
    case .blob(let bytes): cells.append(.blob(bytes))
    }
  }

  mutating func append(type: UInt32, bytes: [UInt8]) { cells.append(type, bytes) }

  /// Whether the row has as many cells as it must.
  mutating func endRow(columns: Int) -> Bool {
    self.columns = columns
    if columns == 0 {
      // An empty line is read as one empty field.
      guard cells.count == 1 else { return false }
      cells.removeAll()
      bareRows += 1
      return true
    }
    guard cells.count - complete == columns else { return false }
    complete = cells.count
    return true
  }

  mutating func drain(_ body: (belay_batch) throws -> Void) throws {
    if bareRows > 0 {
      try body(belay_batch(cells: nil, nrows: bareRows, ncols: 0, reserved: 0))
      bareRows = 0
    }
    guard columns > 0, complete > 0 else { return }
    try cells.withBatch(columns: columns) { try body($0.pointee) }
    cells.removeAll()
    complete = 0
  }
}
