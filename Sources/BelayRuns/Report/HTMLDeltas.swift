import BelayArchive
import BelayBase

/// The tables that a change has touched, with their rows before and after, and a bar for the difference.
struct HTMLDeltas {
  private let deltas: [TableDelta]
  private let widest: Double

  init(_ deltas: [TableDelta]) {
    // What nobody meant comes first: it is what a reader must not miss.
    self.deltas = deltas.filter { $0.change == .collateral } + deltas.filter { $0.change != .collateral }
    widest = deltas.map { Double($0.difference.magnitude) }.max() ?? 0
  }

  var html: HTML {
    guard !deltas.isEmpty else { return "<p>no table changes</p>" }
    let numbers = ["before", "after", "difference"].map { "<th scope=\"col\" class=\"number\">\($0)</th>" as HTML }
    return HTMLElements.table(["<th scope=\"col\">table</th>"] + numbers, deltas.map(row), noun: "table")
  }

  private func row(_ delta: TableDelta) -> HTML {
    let name: HTML =
      delta.change == .collateral
      ? "\(delta.table.description) <span class=\"loss\">not named by any statement</span>"
      : "\(delta.table.description)"
    let numbers = [delta.before, delta.after].map { "<td class=\"number\">\($0.map(String.init) ?? "–")</td>" as HTML }
    return "<tr><td>\(name)</td>\(numbers.joined(""))<td class=\"number\">\(words(delta))\(bar(delta))</td></tr>"
  }

  private func words(_ delta: TableDelta) -> String {
    switch (delta.before, delta.after) {
    case (nil, let rows?): "new, +\(rows)"
    case (let rows?, nil): "dropped, −\(rows)"
    case _ where delta.difference == 0: "changed"
    default: (delta.difference > 0 ? "+" : "−") + "\(delta.difference.magnitude)"
    }
  }

  private func bar(_ delta: TableDelta) -> HTML {
    let size = Double(delta.difference.magnitude)
    guard size > 0, widest > 0 else { return .empty }
    let width = max(1, Int((100 * size / widest).rounded()))
    let kind: HTML = delta.difference < 0 ? "bar less" : "bar"
    return "<span class=\"\(kind)\" style=\"width:\(width)%\"></span>"
  }
}
