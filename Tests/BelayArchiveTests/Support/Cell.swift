import CBelayDriver

/// One value as a test writes it down.
enum Cell: Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  case real(Double)
  case text(String)
  /// Text as an engine stores it that does not check.
  case textBytes([UInt8])
  case blob([UInt8])
  case native(String)
}

/// Hands `rows` over as the batch that a driver would.
func withBatch<Result>(_ rows: [[Cell]], _ body: (belay_batch) throws -> Result) rethrows -> Result {
  var arena: [UInt8] = []
  var places: [(type: Int, bits: Int64, offset: Int, length: Int)] = []
  for cell in rows.joined() {
    var bytes: [UInt8] = []
    var bits: Int64 = 0
    let type: Int
    switch cell {
    case .null: type = BELAY_NULL
    case .bool(let value): (type, bits) = (BELAY_BOOL, value ? 1 : 0)
    case .integer(let value): (type, bits) = (BELAY_I64, value)
    case .real(let value): (type, bits) = (BELAY_F64, Int64(bitPattern: value.bitPattern))
    case .text(let value): (type, bytes) = (BELAY_TEXT, Array(value.utf8))
    case .textBytes(let value): (type, bytes) = (BELAY_TEXT, value)
    case .blob(let value): (type, bytes) = (BELAY_BLOB, value)
    case .native(let value): (type, bytes) = (BELAY_NATIVE, Array(value.utf8))
    }
    places.append((type, bits, arena.count, bytes.count))
    arena += bytes
  }
  return try arena.withUnsafeBytes { arena in
    let cells = places.map { place in
      var cell = belay_cell()
      cell.type = UInt32(place.type)
      if place.length > 0 {
        cell.v.ptr = arena.baseAddress?.advanced(by: place.offset)
        cell.len = UInt64(place.length)
      } else {
        cell.v.i64 = place.bits
      }
      return cell
    }
    return try cells.withUnsafeBufferPointer { cells in
      var batch = belay_batch()
      batch.cells = cells.baseAddress
      batch.nrows = UInt64(rows.count)
      batch.ncols = UInt32(rows.first?.count ?? 0)
      return try body(batch)
    }
  }
}
