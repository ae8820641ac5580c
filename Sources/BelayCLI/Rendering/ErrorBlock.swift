import BelayBase
import BelayCore

/// A failure as it is printed: what, why, what state the database is in, what to type.
package enum ErrorBlock {
  package static func lines(_ error: BelayError, _ style: Style) -> [String] {
    var lines = [style.red("error: ") + error.message]
    for cause in error.causes { lines += field("cause", cause) }
    if let state = error.state { lines += field("state", state) }
    if let hint = error.hint { lines += field("hint", hint) }
    return lines
  }

  /// Further lines stand under the first.
  private static func field(_ label: String, _ text: String) -> [String] {
    let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
    return parts.enumerated().map { index, part in
      index == 0 ? "  \(label): \(part)" : "  " + String(repeating: " ", count: label.count + 2) + part
    }
  }
}
