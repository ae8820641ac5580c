import BelayArchive
import BelayBase

/// What became of one table.
package struct TableDelta: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable { case intended, collateral, created, dropped }
  package let table: TableName
  /// nil: was not there.
  package let before: UInt64?
  /// nil: is not there any more.
  package let after: UInt64?
  package let change: Kind

  package init(table: TableName, before: UInt64?, after: UInt64?, change: Kind) {
    self.table = table
    self.before = before
    self.after = after
    self.change = change
  }

  /// A table: name, rows before, rows after, difference. What no statement names comes first: where a terminal shows only the
  /// first rows, they are among them.
  package static func text(_ deltas: [TableDelta]) -> TextPart {
    guard !deltas.isEmpty else { return .line("no table changes") }
    let sorted = deltas.filter { $0.change == .collateral } + deltas.filter { $0.change != .collateral }
    let rows = sorted.map { delta -> [String] in
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
    return .table(TextTable(header: ["table", "rows before", "after", "", ""], rows: rows))
  }
}
