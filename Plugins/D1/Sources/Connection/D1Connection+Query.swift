import BelayDriverKit
import CSQLite
import SQLiteDialect

extension D1Connection {
  func query(
    _ sql: String, parameters: Parameters?, operation: Operation, into rows: RowWriter
  ) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      if let view { return try view.database.query(sql, parameters: parameters, into: rows) }
      let text = try withValues(sql, parameters)
      var bytes = text
      let reading = bytes.withUTF8 { utf8 in Self.reading(UnsafeRawBufferPointer(utf8)) }
      if let refusal = reading.refusal { throw DriverFailure(refusal.code, refusal.message, hint: refusal.hint) }
      guard reading.isOne else { throw DriverFailure(.invalid, "there is not exactly one statement") }
      guard D1Rules.isStatement(reading.keyword) else {
        throw DriverFailure(.sql, "near \"\(reading.keyword)\": syntax error", sqlOffset: 0)
      }
      guard reading.isReading else {
        throw DriverFailure(.denied, "the statement would change the database, but here it may only read")
      }
      if !reading.isPragma, try readWhole(reading.sql, into: rows) { return }
      try readPlain(reading.sql, into: rows)
    }
  }

  private struct Reading {
    var sql = ""
    var isOne = false
    var isReading = false
    var isPragma = false
    /// Its first word, in capitals.
    var keyword = ""
    var refusal: D1Rules.Refusal?
  }

  private static func reading(_ text: UnsafeRawBufferPointer) -> Reading {
    var reader = ScriptReader(text)
    var reading = Reading()
    guard let piece = reader.next() else { return reading }
    reading.sql = String(decoding: piece.bytes, as: UTF8.self)
    reading.refusal = D1Rules.refusal(of: piece)
    reading.isReading = D1Rules.isReading(piece)
    reading.keyword = piece.keyword(0)
    reading.isPragma = ["PRAGMA", "EXPLAIN"].contains(piece.keyword(0))
    reading.isOne = reader.next() == nil
    return reading
  }

  private func withValues(_ sql: String, _ parameters: Parameters?) throws(DriverFailure) -> String {
    guard let parameters, parameters.rowCount > 0 else { return sql }
    let statement = try ParameterizedStatement(sql)
    guard statement.parameterCount == parameters.columnCount else {
      throw DriverFailure(
        .invalid, "the statement has \(statement.parameterCount) parameters, not \(parameters.columnCount)")
    }
    return statement.text((0..<parameters.columnCount).map { parameters[0, $0].literal })
  }

  /// Runs a query in one call, with exact values.
  /// - Returns: false if this machine's SQLite cannot determine its columns.
  private func readWhole(_ sql: String, into rows: RowWriter) throws(DriverFailure) -> Bool {
    guard let columns = try columns(of: sql), !columns.isEmpty,
      columns.count <= RowEncoding.columnsPerStatement
    else { return false }
    guard var answer = try wholeAnswer(sql, width: columns.count, textAsBytes: false) else { return false }
    let isDoubtful = answer.contains { row in
      row.dropFirst().contains { if case .text(let text) = $0 { RowEncoding.isDoubtful(text) } else { false } }
    }
    if isDoubtful, let exact = try wholeAnswer(sql, width: columns.count, textAsBytes: true) { answer = exact }
    try rows.columns(columns)
    for cells in answer {
      guard let letters = cells.first?.text?.utf8.dropFirst(), letters.count == columns.count,
        cells.count == columns.count + 1
      else { throw DriverFailure(.io, "D1's reply does not have the expected form") }
      for (letter, cell) in zip(letters, cells.dropFirst()) {
        guard let value = try RowEncoding.decode(letter, cell) else {
          throw DriverFailure(
            .unsupported,
            "the query returns a value of more than \(RowEncoding.wholeAtMost) bytes that is not plain text",
            hint: "read it with substr(), in parts")
        }
        try value.write(into: rows)
      }
      try rows.endRow()
    }
    return true
  }

  /// The rows of a query, each preceded by the types of its values; nil if D1 does not accept the query in that form.
  private func wholeAnswer(_ sql: String, width: Int, textAsBytes: Bool) throws(DriverFailure) -> [[JSONCell]]? {
    let names = (0..<width).map { "c\($0)" }
    let head = (["':'"] + names.map { RowEncoding.letter($0, textAsBytes: textAsBytes) }).joined(separator: "||")
    let values = names.map { RowEncoding.value($0, textAsBytes: textAsBytes) }
    let wrapped =
      "WITH \"belay rows\" (\(names.joined(separator: ","))) AS MATERIALIZED (\(sql)\n)"
      + " SELECT \(([head] + values).joined(separator: ",")) FROM \"belay rows\""
    guard wrapped.utf8.count <= Limits.statementBytes else { return nil }
    do throws(CallFailure) {
      return try raw([wrapped], .repeatable).first ?? []
    } catch {
      // D1 may object to the driver's form of the query. D1's message about the original query is also better.
      if error.failure.code == .sql { return nil }
      throw error.failure
    }
  }

  /// As D1 returns it: for statements that cannot be nested in another one.
  private func readPlain(_ sql: String, into rows: RowWriter) throws(DriverFailure) {
    let answer: StatementAnswer?
    do throws(CallFailure) {
      answer = try answers([sql], .repeatable).first
    } catch {
      throw error.failure
    }
    guard let result = answer?.rows else { throw DriverFailure(.io, "the query's rows were lost on the way") }
    try rows.columns(result.columns.map { ResultColumn($0) })
    for cells in result.rows {
      for cell in cells {
        switch cell {
        case .null: rows.null()
        case .text(let text): try rows.text(text)
        case .integer(let value): rows.integer(value)
        case .real(let value): rows.real(value)
        case .bytes(let bytes): try D1Value.blob(bytes).write(into: rows)
        }
      }
      try rows.endRow()
    }
  }

  /// The columns of a query; nil if it does not compile here.
  private func columns(of sql: String) throws(DriverFailure) -> [ResultColumn]? {
    for isFresh in [false, true] {
      let local = try schema(fresh: isFresh)
      do throws(DriverFailure) {
        let statement = try SQLText(sql).onlyStatement(in: local)
        guard sqlite3_stmt_readonly(statement.handle) != 0 else { return nil }
        return RowReader(statement.handle, storesUTF8: true).columns
      } catch {
        // D1 decides whether it is valid.
        continue
      }
    }
    return nil
  }
}

extension Parameter {
  /// As SQL with exactly this value.
  var literal: String {
    switch self {
    case .null: "NULL"
    case .bool(let value): value ? "1" : "0"
    case .integer(let value): Literal.integer(value)
    case .real(let value): Literal.real(value)
    case .text(let bytes), .native(let bytes): Literal.text(bytes: bytes)
    case .blob(let bytes): Literal.blob(bytes)
    }
  }
}
