import CBelayDriver

/// One cell as a Swift value. For small results and parameters; large amounts of rows stay in `belay_batch`.
package enum Value: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  case real(Double)
  /// Invalid UTF-8, which some engines store, is repaired: values that must be kept bit for bit stay in a
  /// `belay_batch`.
  case text(String)
  case blob([UInt8])
  /// The server's own lossless text form of its native type.
  case native(String)

  package init(_ cell: belay_cell) {
    switch cell.type {
    case CellType.bool: self = .bool(cell.v.i64 != 0)
    case CellType.integer: self = .integer(cell.v.i64)
    case CellType.real: self = .real(cell.v.f64)
    case CellType.text: self = .text(String(decoding: cell.bytes, as: UTF8.self))
    case CellType.blob: self = .blob(Array(cell.bytes))
    case CellType.native: self = .native(String(decoding: cell.bytes, as: UTF8.self))
    default: self = .null
    }
  }

  package var isNull: Bool { self == .null }

  /// The text of a text or native value.
  package var text: String? {
    switch self {
    case .text(let text), .native(let text): text
    default: nil
    }
  }

  /// A whole number; also for a bool, and for text that is one.
  package var integer: Int64? {
    switch self {
    case .integer(let number): number
    case .bool(let flag): flag ? 1 : 0
    case .text(let text), .native(let text): Int64(text)
    default: nil
    }
  }
}

extension belay_batch {
  /// All rows, copied. For small results.
  package var values: [[Value]] {
    guard let cells else { return [] }
    let width = Int(ncols)
    return (0..<Int(nrows)).map { row in (0..<width).map { Value(cells[row * width + $0]) } }
  }
}
