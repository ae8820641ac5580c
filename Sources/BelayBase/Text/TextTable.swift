import BelayText

/// Columns aligned by spaces, for a terminal and a report alike.
package struct TextTable: Codable, Sendable, Equatable {
  package var header: [String]
  package var rows: [[String]]
  /// The index of a column that is not broken: of ids and names, which people copy. nil: there is none.
  package var whole: Int?

  package init(header: [String], rows: [[String]], whole: Int? = nil) {
    self.header = header
    self.rows = rows
    self.whole = whole
  }

  /// One for the header, and one for each row.
  package var lines: [String] { Array(blocks(widths: natural).joined()) }

  /// At most this wide: what does not fit into its column goes on in the line below, in the same column. Where there is no
  /// room for that, each row is a paragraph that names its columns.
  package func lines(fitting columns: Int) -> [String] { Array(blocks(fitting: columns).joined()) }

  /// The lines of each row by themselves, those of the header first.
  /// - Parameter columns: nil: as wide as it likes.
  package func blocks(fitting columns: Int?) -> [[String]] {
    guard let columns else { return blocks(widths: natural) }
    return widths(fitting: columns).map(blocks) ?? [[]] + shown.map { paragraph($0, columns: columns) }
  }

  private static let gap = 2
  /// Narrower than this no cell can be read.
  private static let narrowest = 6

  /// What is not visible has no width.
  private var shown: [[String]] { rows.map { $0.map(VisibleText.line) } }

  private var natural: [Int] {
    header.indices.map { index in
      ([header] + shown).map { index < $0.count ? $0[index].cells : 0 }.max() ?? 0
    }
  }

  /// The widest columns give way first. nil: they cannot give way as far as that.
  private func widths(fitting columns: Int) -> [Int]? {
    var widths = natural
    var excess = widths.reduce(0, +) + Self.gap * (widths.count - 1) - columns
    while excess > 0 {
      guard let widest = widths.indices.filter({ $0 != whole }).max(by: { widths[$0] < widths[$1] }),
        widths[widest] > Self.narrowest
      else { return nil }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  private func blocks(widths: [Int]) -> [[String]] {
    ([header] + shown).map { row in
      let cells = zip(row, widths).map { Self.pieces($0, width: $1) }
      return (0..<(cells.map(\.count).max() ?? 1)).map { line in
        zip(cells, widths).map { cell, width in (line < cell.count ? cell[line] : "").padded(to: width) }
          .joined(separator: String(repeating: " ", count: Self.gap)).replacing(#/ +$/#, with: "")
      }
    }
  }

  /// Broken between words where that is possible.
  private static func pieces(_ cell: String, width: Int) -> [String] {
    var pieces: [String] = []
    var rest = cell[...]
    while rest.cells > width {
      // A character of two cells does not fit into one.
      let most = rest.prefix(cells: max(width, 2))
      let next = rest[most.endIndex...].first
      let end = next == " " ? most.endIndex : most.lastIndex(of: " ").flatMap { $0 > most.startIndex ? $0 : nil }
      pieces.append(String(rest[..<(end ?? most.endIndex)]))
      rest = rest[(end ?? most.endIndex)...].drop { $0 == " " }
    }
    return pieces + [String(rest)]
  }

  /// "20261120T143022Z-shop" and below it "  age 3 h  size 12.4 MB  kind manual".
  private func paragraph(_ row: [String], columns: Int) -> [String] {
    let first = whole ?? 0
    var lines = [first < row.count ? row[first] : ""]
    var line = ""
    for (index, cell) in row.enumerated() where index != first && index < header.count && !cell.isEmpty {
      let named = header[index].isEmpty ? cell : "\(header[index]) \(cell)"
      for (number, piece) in Self.pieces(named, width: max(columns - 2 * Self.gap, Self.narrowest)).enumerated() {
        if !line.isEmpty, number > 0 || line.cells + Self.gap + piece.cells > columns {
          lines.append(line)
          line = String(repeating: " ", count: number > 0 ? Self.gap : 0)
        }
        line += String(repeating: " ", count: Self.gap) + piece
      }
    }
    return line.isEmpty ? lines : lines + [line]
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
