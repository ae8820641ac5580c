import CBelayDriver

/// Rows that are passed between host and driver: all cells in one array, all their bytes in another. Used by one thread
/// at a time.
package struct CellBuffer {
  private var cells: [belay_cell] = []
  private var bytes: [UInt8] = []

  package init() {}

  /// How many cells it holds.
  package var count: Int { cells.count }
  /// The memory that cells and bytes take.
  package var size: Int { bytes.count + cells.count * MemoryLayout<belay_cell>.stride }

  package mutating func reserve(cells count: Int) { cells.reserveCapacity(count) }

  package mutating func removeAll() {
    cells.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  package mutating func append(_ value: Value) {
    switch value {
    case .null: append(CellType.null) { $0.v.i64 = 0 }
    case .bool(let flag): append(CellType.bool) { $0.v.i64 = flag ? 1 : 0 }
    case .integer(let number): append(CellType.integer) { $0.v.i64 = number }
    case .real(let number): append(CellType.real) { $0.v.f64 = number }
    case .text(let text): append(CellType.text, text)
    case .blob(let blob): append(CellType.blob, blob)
    case .native(let text): append(CellType.native, text)
    }
  }

  /// A cell of bytes: of the type text, blob or native. Copies them.
  package mutating func append(_ type: UInt32, _ content: [UInt8]) {
    content.withUnsafeBytes { append(type, $0) }
  }

  private mutating func append(_ type: UInt32, _ text: String) {
    var text = text
    text.withUTF8 { append(type, UnsafeRawBufferPointer($0)) }
  }

  private mutating func append(_ type: UInt32, _ content: UnsafeRawBufferPointer) {
    // The bytes may still move: until the rows are lent, only their offset is known.
    let place = Int64(bytes.count)
    append(type) { cell in
      cell.len = UInt64(content.count)
      cell.v.i64 = place
    }
    bytes.append(contentsOf: content)
  }

  private mutating func append(_ type: UInt32, _ fill: (inout belay_cell) -> Void) {
    var cell = belay_cell()
    cell.type = type
    fill(&cell)
    cells.append(cell)
  }

  /// Lends all cells as rows with this many columns, while body runs. An incomplete last row is left out.
  package func withBatch<R>(columns: Int, _ body: (UnsafePointer<belay_batch>) throws -> R) rethrows -> R {
    try bytes.withUnsafeBytes { bytes in
      var cells = cells
      for index in cells.indices where cells[index].type >= CellType.text {
        let isEmpty = cells[index].len == 0
        cells[index].v.ptr = isEmpty ? nil : bytes.baseAddress.map { $0 + Int(cells[index].v.i64) }
      }
      return try cells.withUnsafeBufferPointer { cells in
        var batch = belay_batch(
          cells: cells.baseAddress, nrows: UInt64(columns > 0 ? cells.count / columns : 0), ncols: UInt32(columns),
          reserved: 0)
        return try withUnsafePointer(to: &batch, body)
      }
    }
  }
}
