import BelayDriverKit

/// Collects rows into statements that D1 accepts: no statement and no value is longer than 100,000 bytes.
struct RowBatch {
  /// The statement for the rows.
  enum Form {
    case insertion(Insertion)
    /// Once per row.
    case statement(ParameterizedStatement)
  }

  private let form: Form
  /// The statements to send, in order.
  private(set) var statements: [String] = []
  /// The indexes of `statements` that write rows, not parts of values.
  private var rowStatements: [Int] = []
  private var longValues = LongValues()
  private(set) var bytes = 0
  /// More rows can be added to the last statement.
  private var isOpen = false
  /// A little below the limit, because the server may count differently.
  private static let statementBytes = 95_000

  init(_ form: Form) { self.form = form }

  var isEmpty: Bool { statements.isEmpty }
  /// Values were stored in belay's own table, which must be dropped after the statements.
  private(set) var usesParts = false

  mutating func add(_ rows: Parameters, row: Int) throws(DriverFailure) {
    let literals = (0..<rows.columnCount).map { Self.literal(rows[row, $0]) }
    try add(literals)
  }

  /// - Parameter literals: one for each parameter, of any length.
  mutating func add(_ values: [LongValues.Literal]) throws(DriverFailure) {
    let fixed =
      switch form {
      case .insertion(let insertion): insertion.head.utf8.count
      case .statement(let statement): statement.parts.reduce(0) { $0 + $1.utf8.count }
      }
    let (literals, staged) = try longValues.shorten(values, room: Self.statementBytes - fixed)
    for sql in staged { append(sql) }
    if !staged.isEmpty { usesParts = true }
    switch form {
    case .statement(let statement): appendRow(statement.text(literals))
    case .insertion(let insertion): add(literals, by: insertion, isStaged: !staged.isEmpty)
    }
  }

  private mutating func add(_ literals: [String], by insertion: Insertion, isStaged: Bool) {
    if let rowid = insertion.rowid, let number = literals.first {
      appendRow(insertion.head + "(\(literals.dropFirst().joined(separator: ",")))")
      append(rowid.before + number + rowid.behind)
      return
    }
    let tuple = "(\(literals.joined(separator: ",")))"
    if isOpen, !isStaged, let last = statements.last, last.utf8.count + tuple.utf8.count + 1 <= Self.statementBytes {
      statements[statements.count - 1] += "," + tuple
      bytes += tuple.utf8.count + 1
      return
    }
    appendRow(insertion.head + tuple)
    isOpen = true
  }

  private mutating func appendRow(_ sql: String) {
    append(sql)
    rowStatements.append(statements.count - 1)
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
