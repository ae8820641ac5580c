/// How long the rest of a run takes from now on. A run tells it before the first station, and again when it knows more.
package struct RunEstimate: Codable, Sendable, Equatable {
  /// The time of one station that is still to come.
  package struct Part: Codable, Sendable, Equatable {
    package var phase: Phase
    package var milliseconds: Int

    package init(_ phase: Phase, milliseconds: Int) {
      self.phase = phase
      self.milliseconds = milliseconds
    }
  }

  /// In the order of the stations.
  package var parts: [Part]
  /// Where the numbers come from: "as measured with 20261120T143022Z-shop".
  package var basis: String

  package init(_ parts: [Part], basis: String) {
    self.parts = parts
    self.basis = basis
  }

  /// Of all parts.
  package var milliseconds: Int { Counted.sum(parts.map(\.milliseconds)) }

  /// "about 3 min: backup about 40 s, verify about 65 s, …; as measured with 20261120T143022Z-shop"
  package var line: String {
    func about(_ milliseconds: Int) -> String { DurationText.about(Double(milliseconds) / 1000) }
    let stations = parts.map { "\($0.phase.rawValue) \(about($0.milliseconds))" }.joined(separator: ", ")
    return about(milliseconds) + (milliseconds < 1000 ? "" : ": \(stations)") + "; \(basis)"
  }
}
