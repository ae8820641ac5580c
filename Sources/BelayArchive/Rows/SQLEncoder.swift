import BelayRows
import CBelayDriver

/// INSERT statements with many rows each: `INSERT INTO "t"("a","b") VALUES`, then one row per line.
///
/// | cell | written |
/// | --- | --- |
/// | NULL, NaN | `NULL` |
/// | text, native | `'…'`, quotes doubled; with NUL or CR in it, or not UTF-8: `CAST(X'…' AS TEXT)`, or the engine's way |
/// | integer | digits |
/// | real | digits that every engine reads as the same double; infinities `9e999`, `-9e999` |
/// | blob | `X'…'`, or `'\x…'` where the engine's way for text has its digits so |
/// | boolean | `TRUE`, `FALSE` |
package struct SQLEncoder: RowEncoder {
  /// Statements end at this size, so that an engine does not have to keep more in memory, nor a person to scroll
  /// further.
  private static let usualBytes = 64 << 10
  private static let usualRows = 500

  private let output = OutputBuffer()
  private let table: TableName
  private let quote: String
  private let mostBytes: Int
  private let mostRows: Int
  private let hexText: (before: [UInt8], after: [UInt8])
  private let blobBefore: [UInt8]
  private var lead: [UInt8] = []
  /// The size of the open statement; 0 if there is none.
  private var rows = 0
  private var bytes = 0
  /// 0: there is none.
  private let limit: Int
  package private(set) var overlongRows = 0

  /// - Parameters:
  ///   - table: the table of the rows.
  ///   - quote: the quote character of identifiers, e.g. `"`; two characters if the opening and the closing one differ.
  ///   - maxStatementBytes: the engine's limit, including the semicolon; 0 if it has none. A row that is longer gets a
  ///     statement of its own, and counts as overlong.
  ///   - maxRows: the engine's limit of rows in one INSERT; 0 if it has none.
  ///   - hexText: the SQL expression that turns hex digits into text; `?` marks the digits. One with `'\x?'` in it tells
  ///     that the engine writes its blobs like that.
  package init(
    table: TableName, quote: String = "\"", maxStatementBytes: Int = 0, maxRows: Int = 0,
    hexText: String = "CAST(X'?' AS TEXT)"
  ) {
    let parts = hexText.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map { Array($0.utf8) }
    self.hexText = (parts.first ?? [], parts.count > 1 ? parts[1] : [])
    blobBefore = Array((hexText.contains("'\\x?'") ? "'\\x" : "X'").utf8)
    self.table = table
    self.quote = quote
    limit = maxStatementBytes
    mostBytes = maxStatementBytes > 0 ? min(maxStatementBytes, SQLEncoder.usualBytes) : SQLEncoder.usualBytes
    mostRows = maxRows > 0 ? min(maxRows, SQLEncoder.usualRows) : SQLEncoder.usualRows
  }

  package mutating func begin(columns: [String]) {
    lead = Array(Self.lead(table, columns: columns, quote: quote).utf8)
  }

  /// What each statement begins with.
  package static func lead(_ table: TableName, columns: [String], quote: String) -> String {
    let names = columns.map { SQLQuote.name($0, quote: quote) }.joined(separator: ",")
    var target = SQLQuote.name(table.name, quote: quote)
    if !table.schema.isEmpty { target = SQLQuote.name(table.schema, quote: quote) + "." + target }
    return "INSERT INTO \(target)\(columns.isEmpty ? " DEFAULT VALUES;" : "(\(names)) VALUES")\n"
  }

  package mutating func add(_ batch: belay_batch) {
    let output = output
    if batch.ncols == 0 { for _ in 0..<batch.nrows { output.append(lead) } }
    guard batch.ncols > 0, var cell = batch.cells else { return }
    for _ in 0..<batch.nrows {
      let before = output.count
      if rows == 0 { output.append(lead) } else { output.append(",\n") }
      let start = output.count
      for column in 0..<batch.ncols {
        output.append(column == 0 ? "(" : ",")
        append(cell.pointee, to: output)
        cell += 1
      }
      output.append(")")
      place(row: start, size: output.count - before)
    }
  }

  package mutating func finish() { endStatement() }

  package mutating func drain(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows { try output.drain(body) }

  /// A row and the text before it have been written: it stays in the open statement, or is moved to a new one.
  private mutating func place(row start: Int, size: Int) {
    if rows > 0 && bytes + size + 1 > mostBytes {
      // In place of the comma and line end before the row.
      output.insert(Array(";\n".utf8) + lead, at: start, replacing: 2)
      rows = 0
      bytes = lead.count + size - 2
    } else {
      bytes += size
    }
    rows += 1
    if rows == 1, limit > 0, bytes + 1 > limit { overlongRows += 1 }
    if rows == mostRows { endStatement() }
  }

  private mutating func endStatement() {
    if rows > 0 { output.append(";\n") }
    rows = 0
    bytes = 0
  }

  private func append(_ cell: belay_cell, to output: OutputBuffer) {
    switch cell.type {
    case CellType.integer: output.append(cell.v.i64)
    case CellType.text, CellType.native: append(text: cell.bytes, to: output)
    case CellType.real: output.append(sql: cell.v.f64)
    case CellType.bool: output.append(cell.v.i64 != 0 ? "TRUE" : "FALSE")
    case CellType.blob:
      output.append(blobBefore)
      output.append(hex: cell.bytes)
      output.append("'")
    default: output.append("NULL")
    }
  }

  private func append(text bytes: UnsafeRawBufferPointer, to output: OutputBuffer) {
    if TextForm(bytes) == .plain {
      output.append(bytes, quotedBy: UInt8(ascii: "'"))
    } else {
      output.append(hexText.before)
      output.append(hex: bytes)
      output.append(hexText.after)
    }
  }
}
