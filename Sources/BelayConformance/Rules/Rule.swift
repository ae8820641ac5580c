/// One thing that a driver has to do. Its number never changes and is never given to another rule.
package struct Rule: Sendable {
  package let number: Int
  package let area: Area
  /// One line: what the driver does, not what the suite tries.
  package let text: String
  /// How long it may take before the driver counts as hanging.
  package let limit: Duration
  /// Returns where the rule is kept; throws `Broken` where not, and `Skip` where it cannot be told here.
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
    + rows + token + scratch + rewind + atomic + lock + inspection + life).sorted { $0.number < $1.number }

  /// The rules that every driver is held to, whatever it claims.
  package static let core: [Rule] = all.filter { $0.area.needed == nil }

  package static func numbered(_ number: Int) -> Rule? { all.first { $0.number == number } }
}
