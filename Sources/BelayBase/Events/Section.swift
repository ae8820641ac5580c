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

extension Section {
  /// With no more rows of a table than that: "and 460 more" stands for the rest. Lines that are no table's are all there: a
  /// plan ends with how it is undone.
  package func shown(most: Int) -> [TextPart] {
    parts.flatMap { part -> [TextPart] in
      guard case .table(var table) = part, table.rows.count > most else { return [part] }
      let more = table.rows.count - most
      table.rows = Array(table.rows.prefix(most))
      return [.table(table), .line("and \(more) more: -v shows all")]
    }
  }
}

/// All lines, and also the cells of the tables among them.
extension Section: Codable {
  private enum CodingKeys: String, CodingKey { case title, lines, tables }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try fields.decode(String.self, forKey: .title),
      parts: [TextPart](
        lines: try fields.decode([String].self, forKey: .lines),
        tables: try fields.decodeIfPresent([PlacedTable].self, forKey: .tables) ?? []))
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(title, forKey: .title)
    try fields.encode(lines, forKey: .lines)
    if !parts.tables.isEmpty { try fields.encode(parts.tables, forKey: .tables) }
  }
}
