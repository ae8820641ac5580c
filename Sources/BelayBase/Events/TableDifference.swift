/// How the rows of one table differ between two archives, or between an archive and a database.
package struct TableDifference: Codable, Sendable, Equatable {
  /// One row that is not the same on both sides, as JSON text.
  package struct Row: Codable, Sendable, Equatable {
    /// nil: only the second side has it.
    package var first: String?
    /// nil: only the first side has it.
    package var second: String?

    package init(first: String? = nil, second: String? = nil) {
      self.first = first
      self.second = second
    }
  }
  package var schema: String
  package var table: String
  /// What the two sides are called.
  package var first: String
  package var second: String
  /// The columns by which rows were matched; empty: by their whole content.
  package var key: [String]
  /// Columns that only one side has.
  package var uncompared: [String] = []
  package var equal: UInt64 = 0
  package var onlyFirst: UInt64 = 0
  package var onlySecond: UInt64 = 0
  /// The same key, another content.
  package var different: UInt64 = 0
  /// The first differences, as many as were asked for.
  package var rows: [Row] = []

  package init(schema: String, table: String, first: String, second: String, key: [String]) {
    self.schema = schema
    self.table = table
    self.first = first
    self.second = second
    self.key = key
  }
}

extension TableDifference {
  package var isEqual: Bool { onlyFirst == 0 && onlySecond == 0 && different == 0 }

  /// For a person; none where nothing differs.
  package var lines: [String] {
    guard !isEqual else { return [] }
    var counts: [String] = []
    if onlyFirst > 0 { counts.append("\(Counted.rows(onlyFirst)) only in \(first)") }
    if onlySecond > 0 { counts.append("\(Counted.rows(onlySecond)) only in \(second)") }
    if different > 0 { counts.append("\(Counted.rows(different)) with other values") }
    counts.append("\(Counted.rows(equal)) equal")
    let name = schema.isEmpty ? table : "\(schema).\(table)"
    let without = uncompared.isEmpty ? "" : "; not compared: \(uncompared.joined(separator: ", "))"
    return ["\(name): " + counts.joined(separator: ", ") + without] + rows.flatMap(lines)
  }

  private func lines(of row: Row) -> [String] {
    let only = row.first == nil || row.second == nil ? "only " : ""
    return [row.first.map { "  \(only)in \(first): \($0)" }, row.second.map { "  \(only)in \(second): \($0)" }]
      .compactMap(\.self)
  }
}
