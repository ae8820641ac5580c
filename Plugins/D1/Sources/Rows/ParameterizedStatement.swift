import BelayDriverKit
import SQLiteDialect

/// A statement with `?` in it. D1 binds every number as a double, so values are written into the text instead.
struct ParameterizedStatement {
  /// The text around the parameters: one more than there are parameters.
  private(set) var parts: [String] = []
  /// Where the text ends in `VALUES (?, …)`, what stands before the parenthesis: several rows then fit one statement.
  private(set) var head: String?

  /// Of an INSERT with more values than D1 takes columns, the first of them the rowid: the INSERT without it, up to the
  /// parenthesis, and what gives the new row its rowid. A table may have 100 columns and a rowid besides.
  private(set) var withoutRowid: (head: String, before: String, behind: String)?

  var parameterCount: Int { parts.count - 1 }

  init(_ sql: String) throws(DriverFailure) {
    var sql = sql
    let result = sql.withUTF8 { utf8 in
      Result { () throws(DriverFailure) in try Self.read(UnsafeRawBufferPointer(utf8)) }
    }
    (parts, head) = try result.get()
    if let head, parameterCount > Limits.columns { withoutRowid = Self.withoutRowid(head) }
  }

  private static func withoutRowid(_ head: String) -> (head: String, before: String, behind: String)? {
    var text = head
    return text.withUTF8 { utf8 in
      let bytes = UnsafeRawBufferPointer(utf8)
      var reader = SQLWords(bytes)
      var words: [SQLWords.Word] = []
      while let word = reader.next() { words.append(word) }
      guard let into = words.firstIndex(where: { $0.isWord("INTO") }),
        let open = words.firstIndex(where: { $0.isSymbol("(") }), open > into + 1, open + 2 < words.count,
        ["_rowid_", "rowid", "oid"].contains(words[open + 1].name.lowercased()), words[open + 2].isSymbol(",")
      else { return nil }
      func text(_ start: Int, _ end: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
      }
      let table = text(words[into + 1].start, words[open - 1].end)
      let rowid = words[open + 1].name
      return (
        text(0, words[open].end) + text(words[open + 2].end, bytes.count),
        "UPDATE \(table) SET \(rowid) = ", " WHERE \(rowid) = last_insert_rowid()"
      )
    }
  }

  private static func read(_ bytes: UnsafeRawBufferPointer) throws(DriverFailure) -> ([String], String?) {
    var reader = ScriptReader(bytes)
    guard let piece = reader.next() else { throw DriverFailure(.sql, "the statement is empty") }
    if let refusal = D1Rules.refusal(of: piece) {
      throw DriverFailure(refusal.code, refusal.message, hint: refusal.hint)
    }
    if let more = reader.next() {
      throw DriverFailure(.invalid, "there is more than one statement", sqlOffset: more.start)
    }
    func text(_ start: Int, _ end: Int) -> String {
      String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
    }
    var (parts, start): ([String], Int) = ([], piece.start)
    for word in piece.words where word.isSymbol("?") {
      parts.append(text(start, word.start))
      start = word.end
    }
    parts.append(text(start, piece.end))
    return (parts, head(piece, parameters: parts.count - 1).map { text(piece.start, $0) })
  }

  /// Where the only row of `VALUES (?, ?)` starts; nil where the statement is another.
  private static func head(_ piece: ScriptReader.Piece, parameters: Int) -> Int? {
    let words = piece.words
    guard ["INSERT", "REPLACE"].contains(piece.keyword(0)), parameters > 0,
      let values = words.firstIndex(where: { $0.isWord("VALUES") }), words.count == values + 2 * parameters + 2,
      words[values + 1].isSymbol("(")
    else { return nil }
    for (number, word) in words[(values + 2)...].enumerated() {
      let isLast = number == 2 * parameters - 1
      guard number % 2 == 0 ? word.isSymbol("?") : word.isSymbol(isLast ? ")" : ",") else { return nil }
    }
    return words[values + 1].start
  }
}

/// Rows on their way into statements that D1 takes: none above 100,000 bytes, none with a longer value.
struct RowBatch {
  private let statement: ParameterizedStatement
  /// What goes out, in order.
  private(set) var statements: [String] = []
  /// Where in `statements` rows are written, and not parts of values.
  private var rowStatements: [Int] = []
  private var longValues = LongValues()
  private(set) var bytes = 0
  /// The last statement takes more rows.
  private var isOpen = false
  /// Some way below the limit, for what the server may count differently.
  private static let statementBytes = 95_000

  init(_ statement: ParameterizedStatement) { self.statement = statement }

  var isEmpty: Bool { statements.isEmpty }
  /// Values were staged in belay's own table, which is to be dropped behind the statements.
  private(set) var usesParts = false

  mutating func add(_ rows: Parameters, row: Int) throws(DriverFailure) {
    let literals = (0..<rows.columnCount).map { Self.literal(rows[row, $0]) }
    try add(literals)
  }

  /// - Parameter literals: one for each parameter, of any length.
  mutating func add(_ values: [LongValues.Literal]) throws(DriverFailure) {
    let fixed = statement.parts.reduce(0) { $0 + $1.utf8.count }
    let (literals, staged) = try longValues.shorten(values, room: Self.statementBytes - fixed)
    for sql in staged { append(sql) }
    if !staged.isEmpty { usesParts = true }
    if let wide = statement.withoutRowid, let rowid = literals.first {
      append(wide.head + "(\(literals.dropFirst().joined(separator: ",")))")
      rowStatements.append(statements.count - 1)
      append(wide.before + rowid + wide.behind)
      return
    }
    guard let head = statement.head else {
      var sql = statement.parts[0]
      for (literal, part) in zip(literals, statement.parts.dropFirst()) { sql += literal + part }
      append(sql)
      rowStatements.append(statements.count - 1)
      return
    }
    let tuple = "(\(literals.joined(separator: ",")))"
    if isOpen, staged.isEmpty, let last = statements.last, last.utf8.count + tuple.utf8.count + 1 <= Self.statementBytes
    {
      statements[statements.count - 1] += "," + tuple
      bytes += tuple.utf8.count + 1
      return
    }
    append(head + tuple)
    rowStatements.append(statements.count - 1)
    isOpen = true
  }

  private mutating func append(_ sql: String) {
    statements.append(sql)
    bytes += sql.utf8.count
    isOpen = false
  }

  /// Rows changed by the rows' own statements.
  func changes(_ answers: [StatementAnswer]) -> Int64 {
    rowStatements.reduce(0) { $0 + (answers.count > $1 ? answers[$1].meta?.changes ?? 0 : 0) }
  }

  private static func literal(_ value: Parameter) -> LongValues.Literal {
    switch value {
    case .null: .short("NULL")
    case .bool(let value): .short(value ? "1" : "0")
    case .integer(let value): .short(Literal.integer(value))
    case .real(let value): .short(Literal.real(value))
    case .text(let bytes), .native(let bytes): .text(Array(bytes))
    case .blob(let bytes): .blob(Array(bytes))
    }
  }
}
