import BelayRows
import CBelayDriver

/// JSON: an array with one object per row, one row per line.
///
/// Values that JSON cannot express are written as objects: `{"$blob":"BASE64"}`, `{"$real":"Infinity"}` (or
/// `-Infinity`, `NaN`), `{"$text":"BASE64"}` for text that is not UTF-8. A column's value is never an object otherwise.
package struct RowJSONEncoder: RowEncoder {
  private let output = OutputBuffer()
  /// The text before each value: `{"id":` and `,"name":`.
  private var leads: [[UInt8]] = []
  private var hasRows = false

  package init() {}

  package mutating func begin(columns: [String]) {
    leads = columns.enumerated().map { index, column in
      let lead = OutputBuffer()
      lead.append(index == 0 ? "{" : ",")
      var column = column
      column.withUTF8 { RowJSONEncoder.append(string: UnsafeRawBufferPointer($0), to: lead) }
      lead.append(":")
      var bytes: [UInt8] = []
      lead.drain { bytes = Array($0) }
      return bytes
    }
    output.append("[")
  }

  package mutating func add(_ batch: belay_batch) {
    let output = output
    if batch.ncols == 0 {
      for _ in 0..<batch.nrows {
        output.append(hasRows ? ",\n{}" : "\n{}")
        hasRows = true
      }
    }
    guard batch.ncols > 0, var cell = batch.cells else { return }
    for _ in 0..<batch.nrows {
      output.append(hasRows ? ",\n" : "\n")
      hasRows = true
      for lead in leads.prefix(Int(batch.ncols)) {
        output.append(lead)
        RowJSONEncoder.append(cell.pointee, to: output)
        cell += 1
      }
      output.append("}")
    }
  }

  package mutating func finish() { output.append("\n]\n") }

  /// A single row as one object, on one line.
  package static func text(ofRow batch: belay_batch, columns: [String]) -> String {
    var encoder = RowJSONEncoder()
    encoder.begin(columns: columns)
    encoder.add(batch)
    var text = ""
    // Behind the bracket and the line end that an array begins with.
    encoder.drain { text = String(decoding: $0.dropFirst(2), as: UTF8.self) }
    return text
  }

  package mutating func drain(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows { try output.drain(body) }

  private static func append(_ cell: belay_cell, to output: OutputBuffer) {
    switch cell.type {
    case CellType.integer: output.append(cell.v.i64)
    case CellType.text, CellType.native: append(text: cell.bytes, to: output)
    case CellType.real: append(cell.v.f64, to: output)
    case CellType.bool: output.append(cell.v.i64 != 0 ? "true" : "false")
    case CellType.blob:
      output.append("{\"$blob\":\"")
      output.append(base64: cell.bytes)
      output.append("\"}")
    default: output.append("null")
    }
  }

  private static func append(_ value: Double, to output: OutputBuffer) {
    if value.isFinite {
      output.append(shortest: value)
    } else {
      output.append("{\"$real\":\"")
      output.append(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
      output.append("\"}")
    }
  }

  private static func append(text bytes: UnsafeRawBufferPointer, to output: OutputBuffer) {
    if TextForm(bytes) == .illFormed {
      output.append("{\"$text\":\"")
      output.append(base64: bytes)
      output.append("\"}")
    } else {
      append(string: bytes, to: output)
    }
  }

  /// `bytes`, which are UTF-8, as a JSON string.
  private static func append(string bytes: UnsafeRawBufferPointer, to output: OutputBuffer) {
    // A control character needs six bytes: text with only these must fit too.
    output.reserve(bytes.count * 6 + 2)
    output.put(UInt8(ascii: "\""))
    if let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) {
      var copied = 0
      var index = 0
      while index < bytes.count {
        let byte = base[index]
        if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
          index += 1
          continue
        }
        output.put(base + copied, index - copied)
        escape(byte, to: output)
        index += 1
        copied = index
      }
      output.put(base + copied, index - copied)
    }
    output.put(UInt8(ascii: "\""))
  }

  private static func escape(_ byte: UInt8, to output: OutputBuffer) {
    switch byte {
    case UInt8(ascii: "\""): output.append("\\\"")
    case UInt8(ascii: "\\"): output.append("\\\\")
    case UInt8(ascii: "\n"): output.append("\\n")
    case UInt8(ascii: "\r"): output.append("\\r")
    case UInt8(ascii: "\t"): output.append("\\t")
    default:
      output.append("\\u00")
      withUnsafeBytes(of: byte) { output.append(hex: $0) }
    }
  }
}
