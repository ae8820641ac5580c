import BelayBase
import BelayCLI

/// Text kept in memory.
final class MemoryOutput: Output {
  var text = ""
  let isTerminal: Bool
  let columns: Int
  /// Called after each write.
  var afterWrite: () -> Void = {}

  init(isTerminal: Bool = false, columns: Int = 80) {
    self.isTerminal = isTerminal
    self.columns = columns
  }

  func write(_ text: ScreenText) {
    self.text += text.raw
    afterWrite()
  }
}

/// Events kept in memory.
final class MemoryRenderer: Renderer {
  var events: [Event] = []

  func show(_ event: Event) { events.append(event) }
  func show(_ record: some Encodable, as lines: [String]) {}

  var logged: [String] {
    events.compactMap { if case .log(let line) = $0 { line.message } else { nil } }
  }
}
