import BelayArchive

/// What became of one table.
struct TableDelta: Sendable, Equatable {
  enum Change: String, Sendable { case intended, collateral, created, dropped }
  let table: TableName
  /// nil: was not there.
  let before: UInt64?
  /// nil: is not there any more.
  let after: UInt64?
  let change: Change

  /// Aligned lines: name, rows before, rows after, difference.
  static func lines(_ deltas: [TableDelta]) -> [String] {
    guard !deltas.isEmpty else { return ["no table changes"] }
    let rows = deltas.map { delta -> [String] in
      let difference =
        switch (delta.before, delta.after) {
        case (let was?, let now?) where was == now: "changed"
        case (let was?, let now?): (now > was ? "+" : "-") + String(now > was ? now - was : was - now)
        case (nil, let now?): "new, \(now)"
        case (let was?, nil): "dropped, -\(was)"
        case (nil, nil): ""
        }
      return [
        delta.table.description, delta.before.map(String.init) ?? "-", delta.after.map(String.init) ?? "-", difference,
        delta.change == .collateral ? "not named by any statement" : "",
      ]
    }
    return TextTable.lines(header: ["table", "rows before", "after", "", ""], rows: rows)
  }
}

/// Columns aligned by spaces, for a terminal and a report alike.
package enum TextTable {
  package static func lines(header: [String], rows: [[String]]) -> [String] {
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
