import BelayRows
import CBelayDriver

/// A cell as bytes that are equal where the cells are, and from which it can be made again: its type, then 8 bytes, or for
/// text and blobs the length in 8 bytes and the bytes themselves. Text and the engine's own text form are the same here:
/// CSV does not tell them apart.
enum CellBytes {
  static func append(_ cell: belay_cell, to bytes: inout [UInt8]) {
    let type = cell.type == CellType.native ? CellType.text : cell.type
    bytes.append(UInt8(truncatingIfNeeded: type))
    switch type {
    case CellType.null: break
    case CellType.bool: append(cell.v.i64 == 0 ? 0 : 1, to: &bytes)
    case CellType.integer: append(UInt64(bitPattern: cell.v.i64), to: &bytes)
    case CellType.real: append(realBits(cell.v.f64), to: &bytes)
    default:
      append(cell.len, to: &bytes)
      bytes.append(contentsOf: cell.bytes)
    }
  }

  /// A NaN is a NaN.
  static func realBits(_ value: Double) -> UInt64 { value.isNaN ? 0x7ff8_0000_0000_0000 : value.bitPattern }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// The cells that bytes were made of.
  static func decode(_ bytes: [UInt8], into cells: inout CellBuffer) {
    var position = 0
    func number() -> UInt64 {
      let number = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: UInt64.self) }
      position += 8
      return UInt64(littleEndian: number)
    }
    while position < bytes.count {
      let type = UInt32(bytes[position])
      position += 1
      switch type {
      case CellType.null: cells.append(.null)
      case CellType.bool: cells.append(.bool(number() != 0))
      case CellType.integer: cells.append(.integer(Int64(bitPattern: number())))
      case CellType.real: cells.append(.real(Double(bitPattern: number())))
      default:
        let end = Int(number())
        cells.append(type, Array(bytes[position..<position + end]))
        position += end
      }
    }
  }
}

/// A cell as bytes whose order is that of the values, as far as one type goes.
enum KeyBytes {
  static func append(_ cell: belay_cell, to bytes: inout [UInt8]) {
    let type = cell.type == CellType.native ? CellType.text : cell.type
    bytes.append(UInt8(truncatingIfNeeded: type))
    switch type {
    case CellType.null: break
    case CellType.bool: bytes.append(cell.v.i64 == 0 ? 0 : 1)
    case CellType.integer: append(UInt64(bitPattern: cell.v.i64) ^ 1 << 63, to: &bytes)
    case CellType.real:
      let bits = CellBytes.realBits(cell.v.f64)
      append(bits >> 63 == 0 ? bits | 1 << 63 : ~bits, to: &bytes)
    default:
      // So that a text and one that begins with it stay in order, whatever the next cell is.
      for byte in cell.bytes {
        bytes.append(byte)
        if byte == 0 { bytes.append(0xff) }
      }
      bytes += [0, 0]
    }
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }
}

extension RowRecord {
  /// Lends the row, as encoders take it.
  /// - Parameter columns: how many were compared.
  package func withBatch<R>(columns: Int, _ body: (belay_batch) throws -> R) rethrows -> R {
    guard columns > 0 else { return try body(belay_batch(cells: nil, nrows: 1, ncols: 0, reserved: 0)) }
    var cells = CellBuffer()
    CellBytes.decode(content, into: &cells)
    return try cells.withBatch(columns: columns) { try body($0.pointee) }
  }
}
