import BelayRows
import CBelayDriver

/// Lossless CSV: values in quotes are text, values without quotes are of other types, and an empty field is NULL.
///
/// | cell | written |
/// | --- | --- |
/// | NULL | nothing between the commas |
/// | text, native | always in double quotes, those within doubled; empty text is `""` |
/// | integer | bare digits |
/// | real | bare, shortest that reads back equal, always with `.`, `e`, `Inf` or `NaN` in it |
/// | blob | bare `\x` and lower-case hex |
/// | boolean | bare `true`, `false` |
///
/// Rows without columns, which some engines have, are empty lines after an empty one. Lines end in LF. The first names the
/// columns, in quotes only if an ordinary CSV reader needs them.
package struct CSVEncoder: RowEncoder {
  private let output = OutputBuffer()

  package init() {}

  package mutating func begin(columns: [String]) {
    for (index, column) in columns.enumerated() {
      if index > 0 { output.append(",") }
      var column = column
      column.withUTF8 { bytes in
        let raw = UnsafeRawBufferPointer(bytes)
        if CSVEncoder.needsQuotes(raw) {
          output.append(raw, quotedBy: UInt8(ascii: "\""))
        } else {
          output.append(Array(bytes))
        }
      }
    }
    output.append("\n")
  }

  package mutating func add(_ batch: belay_batch) {
    let output = output
    if batch.ncols == 0 { for _ in 0..<batch.nrows { output.append("\n") } }
    guard batch.ncols > 0, var cell = batch.cells else { return }
    for _ in 0..<batch.nrows {
      for column in 0..<batch.ncols {
        if column > 0 { output.append(",") }
        CSVEncoder.append(cell.pointee, to: output)
        cell += 1
      }
      output.append("\n")
    }
  }

  package mutating func finish() {}

  package mutating func drain(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows { try output.drain(body) }

  private static func append(_ cell: belay_cell, to output: OutputBuffer) {
    switch cell.type {
    case CellType.integer: output.append(cell.v.i64)
    case CellType.text, CellType.native: output.append(cell.bytes, quotedBy: UInt8(ascii: "\""))
    case CellType.real: append(cell.v.f64, to: output)
    case CellType.bool: output.append(cell.v.i64 != 0 ? "true" : "false")
    case CellType.blob:
      output.append("\\x")
      output.append(hex: cell.bytes)
    default: break
    }
  }

  private static func append(_ value: Double, to output: OutputBuffer) {
    if value.isFinite {
      output.append(shortest: value)
    } else if value.isNaN {
      output.append("NaN")
    } else {
      output.append(value < 0 ? "-Inf" : "Inf")
    }
  }

  private static func needsQuotes(_ name: UnsafeRawBufferPointer) -> Bool {
    name.isEmpty || name.first == UInt8(ascii: " ") || name.last == UInt8(ascii: " ")
      || name.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 < 0x20 }
  }
}
