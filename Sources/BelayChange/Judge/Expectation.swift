/// `expect rows(TABLE) = before`, `>= before - 3`, `= 0` …
package struct Expectation: Sendable, Equatable {
  package enum Comparison: String, Sendable, CaseIterable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
  }
  package let table: String
  package let comparison: Comparison
  /// Counted from the rows before the migration, rather than from zero.
  package let fromBefore: Bool
  package let offset: Int

  package init?(_ words: inout Words) {
    guard words.next() == "rows", words.next() == "(", let table = words.next(), words.next() == ")",
      let sign = words.next(), let comparison = Comparison(rawValue: sign), let first = words.next()
    else { return nil }
    self.table = table
    self.comparison = comparison
    if let number = Int(first) {
      (fromBefore, offset) = (false, number)
      return
    }
    guard first == "before" else { return nil }
    fromBefore = true
    if words.isAtEnd {
      offset = 0
      return
    }
    guard let operation = words.next(), let text = words.next(), let number = Int(text) else { return nil }
    switch operation {
    case "+": offset = number
    case "-": offset = -number
    default: return nil
    }
  }

  package var description: String {
    var text = "rows(\(table)) \(comparison.rawValue) \(fromBefore ? "before" : "\(offset)")"
    if fromBefore, offset != 0 { text += offset > 0 ? " + \(offset)" : " - \(-offset)" }
    return text
  }

  package func holds(before: UInt64, after: UInt64) -> Bool {
    let wanted = (fromBefore ? Int(before) : 0) + offset
    let now = Int(after)
    return switch comparison {
    case .equal: now == wanted
    case .notEqual: now != wanted
    case .less: now < wanted
    case .lessOrEqual: now <= wanted
    case .greater: now > wanted
    case .greaterOrEqual: now >= wanted
    }
  }
}
