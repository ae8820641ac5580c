import BelayText

/// Columns aligned by spaces, for a terminal and a report alike.
package enum TextTable {
  package static func lines(header: [String], rows: [[String]]) -> [String] {
    // What is not visible has no width.
    let rows = rows.map { $0.map(VisibleText.line) }
    var widths = header.map(\.count)
    for row in rows {
      for (index, cell) in row.enumerated() where index < widths.count {
        widths[index] = max(widths[index], cell.count)
      }
    }
    return ([header] + rows).map { row in
      let cells = row.enumerated().map { index, cell in
        cell + String(repeating: " ", count: max(0, widths[index] - cell.count))
      }
      return cells.joined(separator: "  ").replacing(#/ +$/#, with: "")
    }
  }
}
