import BelayBase
import BelayCore
import BelayText

/// A failure as it is printed: what, why, what state the database is in, what to type.
package enum ErrorBlock {
  package static func lines(_ error: BelayError, _ style: Style) -> [ScreenText] {
    var lines: [ScreenText] = field(style.red("error: "), error.message)
    for cause in error.causes { lines += field("  cause: ", cause) }
    if let state = error.state { lines += field("  state: ", state) }
    if let hint = error.hint { lines += field("  hint: ", hint) }
    return lines
  }

  /// Further lines stand under the first, so that none of them looks like a line of belay's.
  static func field(_ label: ScreenText, _ text: String) -> [ScreenText] {
    let indentation = String(repeating: " ", count: label.width)
    return VisibleText.lines(text).enumerated().map { index, line in
      index == 0 ? "\(label)\(line)" : "\(indentation)\(line)"
    }
  }
}
