/// One rule for drivers. Its number never changes and is never used for another rule.
package struct Rule: Sendable {
  package let number: Int
  package let area: Area
  /// One line that says what the driver does, not how the suite tests it.
  package let text: String
  /// The time limit after which the driver counts as hanging.
  package let limit: Duration
  /// Returns if the driver follows the rule; throws `Broken` if not, and `Skip` if the rule cannot be tested here.
  let check: @Sendable (Bench) throws -> Void

  init(
    _ number: Int, _ area: Area, _ text: String, limit: Duration = .seconds(60),
    _ check: @escaping @Sendable (Bench) throws -> Void
  ) {
    self.number = number
    self.area = area
    self.text = text
    self.limit = limit
    self.check = check
  }

  /// Every rule, by number.
  package static let all: [Rule] =
    (load + host + open + values + types + failures + stopping + streams + catalog + transactions + script + snapshot
    + rows + token + scratch + rewind + atomic + lock + inspection + session + life).sorted { $0.number < $1.number }

  /// The rules that apply to every driver, whatever it claims.
  package static let core: [Rule] = all.filter { $0.area.needed == nil }

  package static func numbered(_ number: Int) -> Rule? { all.first { $0.number == number } }
}
