import BelayBase

/// What one rule came to.
package struct Measurement: Sendable, Equatable {
  /// How far a rule is from holding.
  package enum Miss: Sendable, Equatable {
    case none
    /// More is worse.
    case by(Double)
    /// The value is not the expected one. Another wrong one is worse.
    case value(String?)
    /// By something that changes by itself, such as the time that passes.
    case inTime
  }

  package var miss: Miss
  package var figure: String
  package var threshold: String
  package var number: CheckResult.Number?
  package var hint: String?
  /// The first rows that it is about.
  package var sample: [String] = []

  package var holds: Bool { miss == .none }
  package var description: String { "expected \(threshold), found \(figure)" }

  init(_ miss: Miss, figure: String, threshold: String, number: CheckResult.Number? = nil) {
    self.miss = miss
    self.figure = figure
    self.threshold = threshold
    self.number = number
  }

  /// Rows that must not be there.
  init(wrong rows: Int, noun: String = "row", sample: [String] = []) {
    self.init(
      rows == 0 ? .none : .by(Double(rows)), figure: rows == 0 ? "no \(noun)s" : Counted.text(rows, noun),
      threshold: "no \(noun)s", number: CheckResult.Number(Double(rows), most: 0))
    self.sample = sample
  }

  /// Something is there, or is not.
  init(isThere: Bool, figure: String? = nil) {
    self.init(
      isThere ? .none : .by(1), figure: figure ?? (isThere ? "it" : "none"), threshold: "that it exists",
      number: CheckResult.Number(isThere ? 0 : 1, most: 0))
  }

  /// A query's rows, as a person has written it.
  package static func ofQuery(rows: Int, value: String?, expect: String?, sample: [String]) -> Measurement {
    guard let expect else { return Measurement(wrong: rows, sample: sample) }
    let isExpected = rows == 1 && value == expect
    var found = Measurement(
      isExpected ? .none : .value(value), figure: rows == 0 ? "no row" : value ?? "no row", threshold: expect)
    // A value that is right, but once too often, would read as if it were expected.
    if rows > 1 { found.figure = "\(Counted.rows(rows)), the first with \(value ?? "nothing")" }
    found.number = value.flatMap(Double.init).flatMap { $0.isFinite ? CheckResult.Number($0) : nil }
    found.sample = sample
    return found
  }

  /// Against the same rule before: a rule that did not hold then counts only if it holds less now.
  package func isWorse(than before: Measurement?) -> Bool {
    guard !holds else { return false }
    guard let before, !before.holds else { return true }
    switch (miss, before.miss) {
    case (.by(let now), .by(let then)): return now > then
    case (.value(let now), .value(let then)): return now != then
    case (.inTime, .inTime): return false
    default: return true
    }
  }
}
