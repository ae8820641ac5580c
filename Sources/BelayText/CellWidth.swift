/// How much room text takes on a terminal: most characters take one cell, those of East Asia and emoji take two, marks that
/// combine with another take none.
package enum CellWidth {
  /// Unicode's wide and fullwidth blocks, as terminals draw them.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x231a...0x231b, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0xa4cf,
    0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6,
    0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1f9ff, 0x20000...0x3fffd,
  ]

  /// Of one character, whatever marks it carries.
  package static func cells(of character: Character) -> Int {
    guard let first = character.unicodeScalars.first, first.value >= 0x300 else { return 1 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return wide.contains { $0.contains(first.value) } ? 2 : 1
    }
  }
}

extension StringProtocol {
  /// The cells that it takes on a terminal. What is not visible is to be made so before (`VisibleText`).
  package var cells: Int {
    utf8.allSatisfy { $0 < 0x80 } ? utf8.count : reduce(0) { $0 + CellWidth.cells(of: $1) }
  }

  /// As much of its beginning as fits.
  package func prefix(cells most: Int) -> SubSequence {
    var (left, end) = (most, startIndex)
    while end < endIndex {
      left -= CellWidth.cells(of: self[end])
      if left < 0 { break }
      end = index(after: end)
    }
    return self[..<end]
  }
}

extension String {
  /// With spaces up to a width in cells; never cut.
  package func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(width - cells, 0)) }
}
