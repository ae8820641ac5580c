import BelayDriverKit
import Glibc

/// Writes the host's rows in the text form of COPY, a piece at a time.
final class CopyEncoder {
  private let rows: Parameters
  private var row = 0
  private var piece: UnsafeMutableRawPointer
  private var capacity = 512 << 10
  private var used = 0
  private static let wantedSize = 256 << 10

  init(_ rows: Parameters) {
    self.rows = rows
    piece = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit { piece.deallocate() }

  /// The next piece, valid until the next call; nil at the end.
  func next() -> UnsafeRawBufferPointer? {
    used = 0
    while row < rows.rowCount, used < Self.wantedSize {
      for column in 0..<rows.columnCount {
        if column > 0 { put(UInt8(ascii: "\t")) }
        put(rows[row, column])
      }
      put(UInt8(ascii: "\n"))
      row += 1
    }
    return used == 0 ? nil : UnsafeRawBufferPointer(start: piece, count: used)
  }

  private func put(_ value: Parameter) {
    switch value {
    case .null: put("\\N")
    case .bool(let flag): put(flag ? UInt8(ascii: "t") : UInt8(ascii: "f"))
    case .integer(let number): put(String(number))
    case .real(let number): put(ParameterText.real(number))
    case .text(let bytes), .native(let bytes): putEscaped(bytes)
    case .blob(let bytes): putHex(bytes)
    }
  }

  private func put(_ text: String) {
    reserve(text.utf8.count)
    for byte in text.utf8 { append(byte) }
  }

  private func put(_ byte: UInt8) {
    reserve(1)
    append(byte)
  }

  private func putEscaped(_ bytes: UnsafeRawBufferPointer) {
    reserve(2 * bytes.count)
    for byte in bytes {
      let letter: UInt8
      switch byte {
      case UInt8(ascii: "\\"): letter = byte
      case UInt8(ascii: "\n"): letter = UInt8(ascii: "n")
      case UInt8(ascii: "\r"): letter = UInt8(ascii: "r")
      case UInt8(ascii: "\t"): letter = UInt8(ascii: "t")
      default:
        append(byte)
        continue
      }
      append(UInt8(ascii: "\\"))
      append(letter)
    }
  }

  private func putHex(_ bytes: UnsafeRawBufferPointer) {
    reserve(2 * bytes.count + 3)
    append(UInt8(ascii: "\\"))
    append(UInt8(ascii: "\\"))
    append(UInt8(ascii: "x"))
    for byte in bytes {
      append(Hex.digit(byte >> 4))
      append(Hex.digit(byte & 0xf))
    }
  }

  private func append(_ byte: UInt8) {
    piece.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
    used += 1
  }

  private func reserve(_ count: Int) {
    guard used + count > capacity else { return }
    while used + count > capacity { capacity *= 2 }
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    larger.copyMemory(from: piece, byteCount: used)
    piece.deallocate()
    piece = larger
  }
}
