/// Colour where a terminal shows it and nobody asked for none.
package struct Style: Sendable {
  private let isColoured: Bool

  /// - Parameters:
  ///   - isTerminal: Whether the text goes to a terminal.
  ///   - environment: `NO_COLOR` (https://no-color.org) and `TERM=dumb` turn colour off.
  package init(isTerminal: Bool, environment: [String: String]) {
    let refused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    isColoured = isTerminal && !refused && environment["TERM"] != "dumb"
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
