/// A few lines for the reader, under a heading: the plan, the expected deltas, the data that would be lost.
package struct Section: Sendable, Equatable {
  package var title: String
  package var parts: [TextPart]
  /// Ready to print; a table comes as aligned lines.
  package var lines: [String] { parts.lines }

  package init(_ title: String, _ lines: [String]) {
    self.init(title, parts: lines.map { .line($0) })
  }

  package init(_ title: String, parts: [TextPart]) {
    self.title = title
    self.parts = parts
  }
}

/// All lines, and also the cells of the tables among them.
extension Section: Codable {
  private enum CodingKeys: String, CodingKey { case title, lines, tables }

  private struct Table: Codable {
    /// The index of its first line.
    let line: Int
    let header: [String]
    let rows: [[String]]
  }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let lines = try fields.decode([String].self, forKey: .lines)
    var parts: [TextPart] = []
    var next = 0
    for table in try fields.decodeIfPresent([Table].self, forKey: .tables) ?? [] {
      guard table.line >= next, table.line + table.rows.count < lines.count else { continue }
      parts += lines[next..<table.line].map { .line($0) }
      parts.append(.table(TextTable(header: table.header, rows: table.rows)))
      next = table.line + table.rows.count + 1
    }
    self.init(try fields.decode(String.self, forKey: .title), parts: parts + lines[next...].map { .line($0) })
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    var lines: [String] = []
    var tables: [Table] = []
    for part in parts {
      if case .table(let table) = part {
        tables.append(Table(line: lines.count, header: table.header, rows: table.rows))
      }
      lines += part.lines
    }
    try fields.encode(title, forKey: .title)
    try fields.encode(lines, forKey: .lines)
    if !tables.isEmpty { try fields.encode(tables, forKey: .tables) }
  }
}
