import BelayBase
import BelayDatabase
import BelayDrivers
import CBelayDriver

/// What one named query returned.
package struct CheckResult: Sendable, Equatable {
  package let definition: CheckDefinition
  package let rows: Int
  /// The first value of the first row.
  package let value: String?
  /// The first rows, for the message.
  let sample: [String]

  package var passes: Bool {
    guard let expected = definition.expect else { return rows == 0 }
    return rows == 1 && value == expected
  }

  package var description: String {
    if let expected = definition.expect {
      return "expected \(expected), found \(value ?? "no row")"
    }
    return "expected no rows, found \(Counted.rows(rows))"
  }

  /// Against the same check before: a failure that was there already counts only if there is more of it.
  func isWorse(than before: CheckResult?) -> Bool {
    guard !passes else { return false }
    guard let before, !before.passes else { return true }
    return definition.expect == nil ? rows > before.rows : value != before.value
  }
}

/// Runs the configured checks on a connection.
package struct CheckRunner {
  package let context: RunContext
  package let definitions: [CheckDefinition]

  package init(context: RunContext, definitions: [CheckDefinition]) {
    self.context = context
    self.definitions = definitions
  }

  package func run(on connection: Connection, when: (CheckDefinition.When) -> Bool) throws(BelayError) -> [CheckResult]
  {
    var results: [CheckResult] = []
    for definition in definitions where when(definition.when) {
      results.append(try run(definition, on: connection))
    }
    return results
  }

  private func run(_ definition: CheckDefinition, on connection: Connection) throws(BelayError) -> CheckResult {
    var count = 0
    var first: String?
    var sample: [String] = []
    do {
      try connection.query(
        definition.sql, operation: context.stoppable("check \(definition.name)", unit: .rows),
        rows: { batch in
          if sample.count < 5 {
            var head = batch
            head.nrows = min(batch.nrows, UInt64(5 - sample.count))
            let texts = head.values.map { $0.map(\.asText) }
            if count == 0 { first = texts.first?.first }
            sample += texts.map { $0.joined(separator: ", ") }
          }
          count += Int(batch.nrows)
        })
    } catch {
      throw BelayError(
        any: error, doing: "cannot run the check \(definition.name)", kind: .checkFailed)
    }
    return CheckResult(definition: definition, rows: count, value: first, sample: sample)
  }
}
