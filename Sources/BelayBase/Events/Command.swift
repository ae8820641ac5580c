/// What the front tells the worker, one line of JSON each, after the job.
package enum Command: Codable, Sendable, Equatable {
  case answer(Answer)
  /// A signal came in: stop, go back, prove it.
  /// - Parameter isFromTerminal: true: every process of the terminal's foreground has got it; nil: that is not known.
  case cancel(signal: Int32, isFromTerminal: Bool? = nil)
}

/// The answer to a `Question`.
package struct Answer: Codable, Sendable, Equatable {
  package var id: Int
  /// "yes", "no", or the code as typed.
  package var text: String

  package init(id: Int, text: String) {
    self.id = id
    self.text = text
  }
}
