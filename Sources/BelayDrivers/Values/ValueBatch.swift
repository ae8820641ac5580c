import CBelayDriver

/// Rows laid out as the ABI wants them: all cells in one array, all bytes in another.
struct ValueBatch {
  private var cells: [belay_cell] = []
  /// Where each cell's bytes begin; meaningless for cells without bytes.
  private var offsets: [Int] = []
  private var bytes: [UInt8] = []
  private let width: Int
  private let height: Int

  /// Fails where the rows are not of one width.
  init(_ rows: [[Value]]) throws(DriverError) {
    width = rows.first?.count ?? 0
    height = rows.count
    cells.reserveCapacity(width * height)
    offsets.reserveCapacity(width * height)
    for (index, row) in rows.enumerated() {
      guard row.count == width else {
        throw DriverError(
          .invalid, message: "row \(index + 1) of the parameters has \(row.count) values, the first has \(width)")
      }
      for value in row { append(value) }
    }
  }

  /// Lends the batch for the length of body.
  func withBatch<R>(_ body: (UnsafePointer<belay_batch>) -> R) -> R {
    bytes.withUnsafeBytes { bytes in
      var cells = cells
      for index in cells.indices where cells[index].len > 0 {
        cells[index].v.ptr = bytes.baseAddress.map { $0 + offsets[index] }
      }
      return cells.withUnsafeBufferPointer { cells in
        var batch = belay_batch(
          cells: cells.baseAddress, nrows: UInt64(height), ncols: UInt32(width), reserved: 0)
        return withUnsafePointer(to: &batch, body)
      }
    }
  }

  private mutating func append(_ value: Value) {
    var cell = belay_cell()
    offsets.append(bytes.count)
    switch value {
    case .null: cell.type = UInt32(BELAY_NULL)
    case .bool(let flag):
      cell.type = UInt32(BELAY_BOOL)
      cell.v.i64 = flag ? 1 : 0
    case .integer(let number):
      cell.type = UInt32(BELAY_I64)
      cell.v.i64 = number
    case .real(let number):
      cell.type = UInt32(BELAY_F64)
      cell.v.f64 = number
    case .text(let text): append(text, BELAY_TEXT, to: &cell)
    case .blob(let blob): blob.withUnsafeBufferPointer { append($0, BELAY_BLOB, to: &cell) }
    case .native(let text): append(text, BELAY_NATIVE, to: &cell)
    }
    cells.append(cell)
  }

  private mutating func append(_ text: String, _ type: Int, to cell: inout belay_cell) {
    var text = text
    text.withUTF8 { append($0, type, to: &cell) }
  }

  private mutating func append(_ content: UnsafeBufferPointer<UInt8>, _ type: Int, to cell: inout belay_cell) {
    cell.type = UInt32(type)
    cell.len = UInt64(content.count)
    bytes.append(contentsOf: content)
  }
}
