/// A table among lines, as JSON tells it: its lines stand among the others, and its cells here.
package struct PlacedTable: Codable, Sendable, Equatable {
  /// The index of its first line.
  package let line: Int
  package let header: [String]
  package let rows: [[String]]
  /// As in `TextTable`.
  package let whole: Int?
}

extension [TextPart] {
  /// The tables among the lines.
  package var tables: [PlacedTable] {
    var line = 0
    var tables: [PlacedTable] = []
    for part in self {
      if case .table(let table) = part {
        tables.append(PlacedTable(line: line, header: table.header, rows: table.rows, whole: table.whole))
      }
      line += part.lines.count
    }
    return tables
  }

  /// Puts together what `lines` and `tables` tell. A table that is not among the lines is left out.
  package init(lines: [String], tables: [PlacedTable]) {
    self = []
    var next = 0
    for table in tables {
      guard table.line >= next, table.line + table.rows.count < lines.count else { continue }
      self += lines[next..<table.line].map { .line($0) }
      append(.table(TextTable(header: table.header, rows: table.rows, whole: table.whole)))
      next = table.line + table.rows.count + 1
    }
    self += lines[next...].map { .line($0) }
  }
}
