import BelayRows
import CBelayDriver

/// One value from the host. Text and bytes are borrowed: they are valid until the call returns.
public enum Parameter {
  /// No value.
  case null
  /// True or false.
  case bool(Bool)
  /// A whole number.
  case integer(Int64)
  /// A real; infinities and NaN are allowed.
  case real(Double)
  /// UTF-8, or any bytes that an engine without text validation has stored; may contain NUL bytes.
  case text(UnsafeRawBufferPointer)
  /// Bytes.
  case blob(UnsafeRawBufferPointer)
  /// The engine's own lossless text form.
  case native(UnsafeRawBufferPointer)
}

/// Rows of values for a statement, as the host passed them. Valid only during the call.
public struct Parameters {
  let batch: belay_batch

  /// How many rows there are.
  public var rowCount: Int { Int(batch.nrows) }
  /// How many values each row has.
  public var columnCount: Int { Int(batch.ncols) }

  /// The value in a row and a column, both from 0.
  public subscript(row: Int, column: Int) -> Parameter {
    precondition(row >= 0 && row < rowCount && column >= 0 && column < columnCount, "no such parameter")
    guard let cells = batch.cells else { return .null }
    let cell = cells[row * columnCount + column]
    switch cell.type {
    case CellType.bool: return .bool(cell.v.i64 != 0)
    case CellType.integer: return .integer(cell.v.i64)
    case CellType.real: return .real(cell.v.f64)
    case CellType.text: return .text(cell.bytes)
    case CellType.blob: return .blob(cell.bytes)
    case CellType.native: return .native(cell.bytes)
    default: return .null
    }
  }
}
