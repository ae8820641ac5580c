import BelayBase
import BelayDatabase
import BelayDrivers
import CBelayDriver
import Foundation

/// Rules that belay decides itself, value by value: engines differ in regular expressions and in what a literal equals.
extension CheckCall {
  func among(_ table: String, _ column: String, _ values: [String]) throws(Unmeasured) -> Measurement {
    let relation = try relation(table)
    let quoted = try relation.quotedColumn(column, traits)
    let allowed = Set(values)
    var count = 0
    var sample: [String] = []
    do {
      try connection.query(
        "SELECT \(quoted), count(*) FROM \(relation.quoted(traits)) WHERE \(quoted) IS NOT NULL GROUP BY \(quoted)",
        operation: operation(),
        rows: { batch in
          for row in batch.values where row.count == 2 && !row[0].isOne(of: allowed) {
            let rows = Int(clamping: row[1].integer ?? 1)
            count += rows
            if sample.count < 5 { sample.append("\(row[0].asText): \(Counted.rows(rows))") }
          }
        })
    } catch {
      throw broken(error)
    }
    return Measurement(wrong: count, sample: sample)
  }

  func matches(_ table: String, _ column: String, _ pattern: String) throws(Unmeasured) -> Measurement {
    let relation = try relation(table)
    let matcher: PatternMatcher
    do { matcher = try PatternMatcher(pattern, deadline: deadline, cancellation: context.cancellation) } catch {
      throw broken(error)
    }
    // Drivers read tables in pages where a large result is too much for one reply.
    if relation.isTable, relation.table.hasRows, let object = try relation.column(column),
      !object.flags.contains(.generated)
    {
      let rows = try count("SELECT count(*) FROM \(relation.quoted(traits))")
      let one = CatalogTable(object: relation.object, columns: [object])
      var tally = PatternTally(matcher)
      do {
        try connection.read(one, operation: operation(), rows: { batch in try tally.take(batch.values) })
      } catch {
        throw broken(error)
      }
      // A table's own rows may be less than what a query of it gives: others can inherit from it.
      if tally.rows >= rows { return tally.measurement }
    }
    let quoted = try relation.quotedColumn(column, traits)
    var tally = PatternTally(matcher)
    do {
      try connection.query(
        "SELECT \(quoted) FROM \(relation.quoted(traits))", operation: operation(),
        rows: { batch in try tally.take(batch.values) })
    } catch {
      throw broken(error)
    }
    return tally.measurement
  }
}

extension Value {
  /// Numbers are equal however they are written.
  fileprivate func isOne(of allowed: Set<String>) -> Bool {
    if allowed.contains(asText) { return true }
    switch self {
    case .bool(let flag): return !allowed.isDisjoint(with: flag ? ["1", "t", "yes"] : ["0", "f", "no"])
    case .real(let number): return allowed.contains { Double($0) == number }
    default: return false
    }
  }
}

/// Counts the values that a pattern does not match.
private struct PatternTally {
  private let matcher: PatternMatcher
  private(set) var rows = 0
  private var wrong = 0
  private var sample: [String] = []

  init(_ matcher: PatternMatcher) { self.matcher = matcher }

  mutating func take(_ batch: [[Value]]) throws {
    rows += batch.count
    for row in batch {
      guard let value = row.first, !value.isNull else { continue }
      let text = value.asText
      guard try !matcher.matches(text) else { continue }
      wrong += 1
      if sample.count < 5 { sample.append(text) }
    }
  }

  var measurement: Measurement { Measurement(wrong: wrong, sample: sample) }
}
