import BelayBase
import BelayCore
import BelayText

/// The pieces of work that go on, as lines with bar, rate and time left. Keeps no terminal: it makes text.
package struct ProgressBars {
  private struct Piece {
    var progress: ProgressUpdate
    var begun: Duration
    var firstDone: UInt64
  }
  private var pieces: [Piece] = []
  /// More lines than this push the text that matters off a small terminal.
  private static let most = 4
  private static let barWidth = 24

  package init() {}

  package var isEmpty: Bool { pieces.isEmpty }

  /// Takes news of a piece. One that is over leaves the lines.
  package mutating func take(_ progress: ProgressUpdate, at now: Duration) {
    let index = pieces.firstIndex { $0.progress.what == progress.what }
    if progress.isOver {
      if let index { pieces.remove(at: index) }
    } else if let index {
      pieces[index].progress = progress
    } else {
      pieces.append(Piece(progress: progress, begun: now, firstDone: progress.done))
    }
  }

  /// A phase is over, and with it all that went on in it.
  package mutating func clear() { pieces = [] }

  /// The lines as of now, none wider than the terminal.
  package func lines(at now: Duration, columns: Int) -> [String] {
    pieces.suffix(Self.most).map { String(Self.line($0, now).prefix(cells: max(columns - 1, 10))) }
  }

  private static func line(_ piece: Piece, _ now: Duration) -> String {
    let progress = piece.progress
    let seconds = (now - piece.begun) / Duration.seconds(1)
    let gone = progress.done >= piece.firstDone ? progress.done - piece.firstDone : 0
    // The first moments tell nothing about the rate.
    let rate = seconds > 0.2 && gone > 0 ? Double(gone) / seconds : nil
    var parts = ["  \(VisibleText.line(progress.what))"]
    if progress.total > 0 {
      let share = min(Double(progress.done) / Double(progress.total), 1)
      let full = Int(share * Double(barWidth))
      let percent = String(Int(share * 100))
      let padding = String(repeating: " ", count: 3 - percent.count)
      parts.append(
        "[" + String(repeating: "#", count: full) + String(repeating: ".", count: barWidth - full) + "]"
          + " \(padding)\(percent)%")
    } else {
      parts.append(amount(progress.done, progress.unit))
    }
    if let rate {
      // Both numbers are the driver's, and may be any.
      if showsRate(progress), rate >= 1, let whole = UInt64(exactly: rate.rounded(.down)) {
        parts.append(amount(whole, progress.unit) + "/s")
      }
      if progress.total > progress.done {
        let left = Double(progress.total - progress.done) / rate
        // Nobody waits for a year, and what is longer yet is no duration.
        if left < 365 * 86400 { parts.append(Wording.duration(.seconds(left)) + " left") }
      }
    }
    return parts.joined(separator: "  ")
  }

  /// Not of steps, which are of any length; nor of a driver's own units, of which only the share is known.
  private static func showsRate(_ progress: ProgressUpdate) -> Bool {
    switch progress.unit {
    case .bytes, .rows: true
    case .steps: false
    case .driver: progress.total == 0
    }
  }

  private static func amount(_ count: UInt64, _ unit: ProgressUpdate.Unit) -> String {
    switch unit {
    case .bytes, .driver: ByteCount.text(count)
    case .rows, .steps:
      "\(Wording.count(count)) \(count == 1 ? String(unit.rawValue.dropLast()) : unit.rawValue)"
    }
  }
}
