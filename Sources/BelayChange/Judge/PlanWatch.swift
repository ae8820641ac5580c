import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// How the engine would run a configured query at one moment.
package struct QueryPlan: Sendable, Equatable {
  package let definition: PlanDefinition
  /// How often each table is read from end to end, by the name that the engine gives it.
  var fullScans: [String: Int] = [:]
  /// The engine's guess of the rows of such a scan.
  var guesses: [String: Int] = [:]
  /// Why there is no plan.
  package var failure: String?

  /// Scans that the earlier plan does not have, of tables that are large.
  /// - Parameter rows: what a table holds, by its name with or without its schema.
  func newScans(since earlier: QueryPlan, rows: [TableName: UInt64]) -> [(table: String, rows: UInt64)] {
    fullScans.keys.sorted().compactMap { table in
      guard fullScans[table, default: 0] > earlier.fullScans[table, default: 0] else { return nil }
      guard let count = size(of: table, rows), count > definition.rows else { return nil }
      return (table, count)
    }
  }

  private func size(of table: String, _ rows: [TableName: UInt64]) -> UInt64? {
    let known = rows.filter { $0.key.description == table || $0.key.name == table }.map(\.value)
    if let largest = known.max() { return largest }
    if let guess = guesses[table] { return UInt64(max(0, guess)) }
    // The engine gives an alias: one of the tables that the query names.
    let sql = definition.sql.lowercased()
    return rows.filter { sql.contains($0.key.name.lowercased()) }.map(\.value).max()
  }
}

/// Asks the engine for the plans of the configured queries, and holds them against earlier ones.
package struct PlanWatch {
  package let context: RunContext

  private var definitions: [PlanDefinition] { context.settings.plans }
  package var isEmpty: Bool { definitions.isEmpty }

  /// nil: the driver cannot tell.
  package func take(on connection: Connection) throws(BelayError) -> [QueryPlan]? {
    guard !definitions.isEmpty else { return [] }
    var plans: [QueryPlan] = []
    for definition in definitions {
      var plan = QueryPlan(definition: definition)
      do throws(DriverError) {
        guard let steps = try connection.explain(definition.sql, operation: context.stoppable()) else { return nil }
        for step in steps where step.isFullScan {
          guard let table = step.table else { continue }
          plan.fullScans[table, default: 0] += 1
          if let rows = step.rows { plan.guesses[table] = max(rows, plan.guesses[table] ?? 0) }
        }
      } catch {
        if error.code == .cancelled { throw context.interruption() }
        plan.failure = error.message
      }
      plans.append(plan)
    }
    return plans
  }

  /// What became worse. A query that has no plan any more is an error whatever is configured: after a failed statement
  /// some engines end the transaction.
  package func findings(since earlier: [QueryPlan], on connection: Connection, rows: [TableName: UInt64])
    throws(BelayError) -> [Finding]
  {
    // A query that failed before would only fail again, and take the transaction with it.
    let working = earlier.filter { $0.failure == nil }
    guard !working.isEmpty else { return [] }
    var settings = context.settings
    settings.plans = working.map(\.definition)
    let now = try PlanWatch(context: context.with(settings: settings)).take(on: connection) ?? []
    return zip(working, now).flatMap { Self.findings(since: $0, now: $1, rows: rows) }
  }

  package static func findings(since earlier: QueryPlan, now: QueryPlan, rows: [TableName: UInt64]) -> [Finding] {
    let definition = now.definition
    if let failure = now.failure {
      return [
        Finding(
          .error, source: "plan", rule: definition.name, subject: "query \(definition.name)",
          message: "can no longer be run: \(failure)", hint: "if this is intended, change the query in belay.yaml")
      ]
    }
    return now.newScans(since: earlier, rows: rows).map { scan in
      Finding(
        definition.fails ? .error : .warning, source: "plan", rule: definition.name,
        subject: "query \(definition.name)",
        message: "now reads all of \(scan.table) (\(Counted.rows(scan.rows))), and did not before",
        hint: "is an index missing?")
    }
  }
}
