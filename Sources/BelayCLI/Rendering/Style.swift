/// What a terminal can show: colour, where nobody asked for none, and lines that are drawn anew.
package struct Style: Sendable {
  private let isColoured: Bool
  /// Lines can be drawn over: a dumb terminal prints what is meant to move its cursor.
  package let movesCursor: Bool

  /// - Parameters:
  ///   - isTerminal: Whether the text goes to a terminal.
  ///   - environment: `NO_COLOR` (https://no-color.org) and `TERM=dumb` turn colour off.
  package init(isTerminal: Bool, environment: [String: String]) {
    let refused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    movesCursor = isTerminal && environment["TERM"] != "dumb"
    isColoured = movesCursor && !refused
  }

  package func bold(_ text: String) -> ScreenText { wrapped(text, "1") }
  package func dim(_ text: String) -> ScreenText { wrapped(text, "2") }
  package func red(_ text: String) -> ScreenText { wrapped(text, "31") }
  package func green(_ text: String) -> ScreenText { wrapped(text, "32") }
  package func yellow(_ text: String) -> ScreenText { wrapped(text, "33") }

  private func wrapped(_ text: String, _ code: ScreenText) -> ScreenText {
    isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : "\(text)"
  }
}
