import CBelayDriver

/// Rows that have been read and not handed out yet.
struct CSVRows {
  private static let usualBytes = 1 << 20

  private var cells: [belay_cell] = []
  private var arena: [UInt8] = []
  private var columns = 0
  /// Cells of rows that are complete.
  private var complete = 0

  var isFull: Bool { arena.count + cells.count * MemoryLayout<belay_cell>.stride >= CSVRows.usualBytes }

  mutating func append(_ value: BareValue) {
    var cell = belay_cell()
    switch value {
    case .null:
      cell.type = CellType.null
    case .bool(let value):
      cell.type = CellType.bool
      cell.v.i64 = value ? 1 : 0
    case .integer(let value):
      cell.type = CellType.integer
      cell.v.i64 = value
    case .real(let value):
      cell.type = CellType.real
      cell.v.f64 = value
    case .blob(let bytes):
      append(type: CellType.blob, bytes: bytes)
      return
    }
    cells.append(cell)
  }

  mutating func append(type: UInt32, bytes: [UInt8]) {
    var cell = belay_cell()
    cell.type = type
    cell.len = UInt64(bytes.count)
    // The arena may still move: until the rows are handed out, a place in it is all that is known.
    cell.v.i64 = Int64(arena.count)
    arena.append(contentsOf: bytes)
    cells.append(cell)
  }

  /// Whether the row has as many cells as it must.
  mutating func endRow(columns: Int) -> Bool {
    self.columns = columns
    guard cells.count - complete == columns else { return false }
    complete = cells.count
    return true
  }

  mutating func drain(_ body: (belay_batch) throws -> Void) throws {
    guard columns > 0, complete > 0 else { return }
    try arena.withUnsafeBytes { arena in
      for index in cells.indices where cells[index].type >= CellType.text {
        cells[index].v.ptr = cells[index].len == 0 ? nil : arena.baseAddress?.advanced(by: Int(cells[index].v.i64))
      }
      try cells.withUnsafeBufferPointer { cells in
        var batch = belay_batch()
        batch.cells = cells.baseAddress
        batch.nrows = UInt64(complete / columns)
        batch.ncols = UInt32(columns)
        try body(batch)
      }
    }
    cells.removeAll(keepingCapacity: true)
    arena.removeAll(keepingCapacity: true)
    complete = 0
  }
}
