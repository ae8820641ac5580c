import BelayDriverKit

/// Writes values that are too long for a statement in parts: first into a table of belay's own, then into the row.
struct LongValues {
  /// A value for a statement.
  enum Literal {
    case short(String)
    case text([UInt8])
    case blob([UInt8])
  }

  private static let partBytes = 45_000
  static let table =
    "CREATE TABLE IF NOT EXISTS \(OwnTable.parts)"
    + " (value INTEGER, number INTEGER, part BLOB, PRIMARY KEY (value, number)) WITHOUT ROWID"
  static let drop = "DROP TABLE IF EXISTS \(OwnTable.parts)"

  private var count = 0

  /// Shortens literals to a total number of bytes, the longest first.
  /// - Returns: an expression for each value, and the statements that must run before.
  mutating func shorten(_ values: [Literal], room: Int) throws(DriverFailure) -> ([String], before: [String]) {
    var expressions: [String?] = values.map { if case .short(let text) = $0 { text } else { nil } }
    var sizes = values.map(Self.size)
    var (total, before): (Int, [String]) = (sizes.reduce(0) { $0 + $1 + 1 }, [])
    while total > room, let longest = sizes.indices.max(by: { sizes[$0] < sizes[$1] }), sizes[longest] > 200 {
      let (expression, statements) = try staged(values[longest])
      before += statements
      expressions[longest] = expression
      total += expression.utf8.count - sizes[longest]
      sizes[longest] = 0
    }
    if !before.isEmpty { before = [Self.drop, Self.table] + before }
    for (index, value) in values.enumerated() where expressions[index] == nil { expressions[index] = Self.whole(value) }
    return (expressions.compactMap { $0 }, before)
  }

  private static func size(_ value: Literal) -> Int {
    switch value {
    case .short(let text): text.utf8.count
    // Quotes are doubled, and text that cannot be written as SQL text is written as bytes.
    case .text(let bytes):
      isSQL(bytes) ? bytes.count + 2 + bytes.count { $0 == UInt8(ascii: "'") } : 2 * bytes.count + 20
    case .blob(let bytes): 2 * bytes.count + 3
    }
  }

  private static func isSQL(_ bytes: [UInt8]) -> Bool {
    !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
  }

  private static func whole(_ value: Literal) -> String {
    switch value {
    case .short(let text): text
    case .text(let bytes): bytes.withUnsafeBytes { BelayDriverD1.Literal.text(bytes: $0) }
    case .blob(let bytes): BelayDriverD1.Literal.blob(bytes)
    }
  }

  private mutating func staged(_ value: Literal) throws(DriverFailure) -> (String, [String]) {
    let (bytes, type): ([UInt8], String)
    switch value {
    case .short(let text): return (text, [])
    case .text(let text): (bytes, type) = (text, "TEXT")
    case .blob(let blob): (bytes, type) = (blob, "BLOB")
    }
    guard bytes.count <= Limits.valueBytes else {
      throw DriverFailure(
        .denied, "a value has \(bytes.count) bytes, and D1 accepts at most \(Limits.valueBytes)",
        hint: "shorten it, or store it elsewhere")
    }
    count += 1
    var statements: [String] = []
    for (number, start) in stride(from: 0, to: bytes.count, by: Self.partBytes).enumerated() {
      let part = bytes[start..<min(start + Self.partBytes, bytes.count)]
      statements.append(
        "INSERT INTO \(OwnTable.parts) (value, number, part) VALUES (\(count), \(number), \(BelayDriverD1.Literal.blob(part)))"
      )
    }
    let expression =
      "(SELECT CAST(group_concat(part, '') AS \(type)) FROM"
      + " (SELECT part FROM \(OwnTable.parts) WHERE value = \(count) ORDER BY number))"
    return (expression, statements)
  }
}
