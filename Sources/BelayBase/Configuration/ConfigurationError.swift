/// What is wrong in belay.yaml, and on which line.
package struct ConfigurationError: Error, Sendable, Equatable {
  /// The file's path.
  package var file: String
  /// From 1; nil: the file as a whole.
  package var line: Int?
  package var message: String
  package var hint: String?

  package init(file: String, line: Int?, message: String, hint: String? = nil) {
    self.file = file
    self.line = line
    self.message = message
    self.hint = hint
  }

  /// As the command line shows it: wrong usage, nothing was done.
  package var asBelayError: BelayError {
    let place = line.map { "\(file):\($0)" } ?? file
    return BelayError(.usage, "\(place): \(message)", hint: hint, state: "nothing was done")
  }
}
