import BelayText

/// Columns aligned by spaces, for a terminal and a report alike.
package struct TextTable: Codable, Sendable, Equatable {
  package var header: [String]
  package var rows: [[String]]

  package init(header: [String], rows: [[String]]) {
    self.header = header
    self.rows = rows
  }

  /// One for the header, and one for each row.
  package var lines: [String] { lines(widths: natural) }

  /// At most this wide: what does not fit into its column goes on in the line below, in the same column. As `lines` where
  /// there is no room for that.
  package func lines(fitting columns: Int) -> [String] {
    guard let widths = widths(fitting: columns) else { return lines }
    return lines(widths: widths)
  }

  private static let gap = 2
  /// Narrower than this no cell can be read.
  private static let narrowest = 6

  /// What is not visible has no width.
  private var shown: [[String]] { rows.map { $0.map(VisibleText.line) } }

  private var natural: [Int] {
    header.indices.map { index in
      ([header] + shown).map { index < $0.count ? $0[index].count : 0 }.max() ?? 0
    }
  }

  /// The widest columns give way first. nil: they cannot give way as far as that.
  private func widths(fitting columns: Int) -> [Int]? {
    var widths = natural
    var excess = widths.reduce(0, +) + Self.gap * (widths.count - 1) - columns
    while excess > 0 {
      guard let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.narrowest else {
        return nil
      }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  private func lines(widths: [Int]) -> [String] {
    ([header] + shown).flatMap { row -> [String] in
      let cells = zip(row, widths).map { Self.pieces($0, width: $1) }
      return (0..<(cells.map(\.count).max() ?? 1)).map { line in
        zip(cells, widths).map { cell, width in
          let piece = line < cell.count ? cell[line] : ""
          return piece + String(repeating: " ", count: max(0, width - piece.count))
        }
        .joined(separator: String(repeating: " ", count: Self.gap)).replacing(#/ +$/#, with: "")
      }
    }
  }

  /// Broken between words where that is possible.
  private static func pieces(_ cell: String, width: Int) -> [String] {
    var pieces: [String] = []
    var rest = cell[...]
    while rest.count > width {
      let most = rest.prefix(width + 1)
      let end = most.lastIndex(of: " ").flatMap { $0 > most.startIndex ? $0 : nil }
      pieces.append(String(rest[..<(end ?? rest.index(rest.startIndex, offsetBy: width))]))
      rest = rest.dropFirst(pieces.last?.count ?? 0).drop { $0 == " " }
    }
    return pieces + [String(rest)]
  }
}

/// A part of what a reader sees: a line, or a table, which a terminal fits into its width.
package enum TextPart: Sendable, Equatable {
  case line(String)
  case table(TextTable)

  package var lines: [String] {
    switch self {
    case .line(let line): [line]
    case .table(let table): table.lines
    }
  }
}

extension [TextPart] {
  package var lines: [String] { flatMap(\.lines) }
}
