import BelayArchive
import CBelayDriver

/// Everything that an encoder writes of one table.
func encoded(_ encoder: some RowEncoder, columns: [String], _ batches: [[[Cell]]]) -> [UInt8] {
  var encoder = encoder
  return encode(&encoder, columns: columns, batches)
}

func encode(_ encoder: inout some RowEncoder, columns: [String], _ batches: [[[Cell]]]) -> [UInt8] {
  var bytes: [UInt8] = []
  encoder.begin(columns: columns)
  for rows in batches {
    withBatch(rows) { encoder.add($0) }
    encoder.drain { bytes += Array($0) }
  }
  encoder.finish()
  encoder.drain { bytes += Array($0) }
  return bytes
}

func encodedText(_ encoder: some RowEncoder, columns: [String], _ rows: [[Cell]]) -> String {
  String(decoding: encoded(encoder, columns: columns, [rows]), as: UTF8.self)
}

/// The rows of a batch as a test writes them down. Text that is not UTF-8 comes back as textBytes.
func cells(_ batch: belay_batch) -> [[Cell]] {
  var rows: [[Cell]] = []
  var index = 0
  for _ in 0..<Int(batch.nrows) {
    var row: [Cell] = []
    for _ in 0..<Int(batch.ncols) {
      row.append(Cell(batch.cells[index]))
      index += 1
    }
    rows.append(row)
  }
  return rows
}

extension Cell {
  init(_ cell: belay_cell) {
    let bytes = cell.len == 0 ? [] : Array(UnsafeRawBufferPointer(start: cell.v.ptr, count: Int(cell.len)))
    switch Int(cell.type) {
    case BELAY_BOOL: self = .bool(cell.v.i64 != 0)
    case BELAY_I64: self = .integer(cell.v.i64)
    case BELAY_F64: self = .real(cell.v.f64)
    case BELAY_TEXT: self = String(validating: bytes, as: UTF8.self).map { .text($0) } ?? .textBytes(bytes)
    case BELAY_BLOB: self = .blob(bytes)
    case BELAY_NATIVE: self = .native(String(decoding: bytes, as: UTF8.self))
    default: self = .null
    }
  }
}
