import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRows
import BelayRuns

/// The queries of `spot_checks:`, before a change and after it. They stop nothing: of one that cannot run, the report says so.
struct SpotChecks {
  private let context: RunContext
  private let definitions: [SpotCheckDefinition]
  private var records: [SpotCheckRecord] = []

  private static let limitSeconds = 30
  private static let mostColumns = 50
  /// Of one value, in characters.
  private static let mostText = 200
  private static let mask = "(masked)"

  init(_ context: RunContext) {
    self.context = context
    definitions = context.settings.spotChecks
  }

  mutating func takeBefore(on connection: Connection) throws(BelayError) {
    var found: [SpotCheckRecord] = []
    for definition in definitions {
      found.append(SpotCheckRecord(name: definition.name, before: try run(definition, on: connection)))
    }
    records = found
  }

  /// Nothing of what has been committed may fail because of this: a signal leaves the rest out.
  mutating func takeAfter(on connection: Connection) {
    for (index, definition) in definitions.enumerated() where records.indices.contains(index) {
      do { records[index].after = try run(definition, on: connection) } catch { return }
    }
  }

  func report(to report: ReportCollector) { if !records.isEmpty { report.add(.spotChecks(records)) } }

  /// Ends a query of which enough has been seen.
  private struct Enough: Error {}

  /// - Throws: only where a signal asked to stop.
  private func run(_ definition: SpotCheckDefinition, on connection: Connection) throws(BelayError)
    -> SpotCheckRecord.Found
  {
    try context.checkCancelled()
    var rows = SpotCheckRecord.Rows()
    var missing: String?
    let narrator = context.narrator
    let operation = context.statementOperation(
      "", seconds: Self.limitSeconds, said: { narrator.tell(.log($0)) })
    do {
      try connection.query(
        definition.sql, operation: operation,
        columns: { columns in
          rows.columns = columns.prefix(Self.mostColumns).map(\.name)
          let names = Set(columns.map { $0.name.lowercased() })
          missing = definition.masked.first { !names.contains($0.lowercased()) }
        },
        rows: { batch in
          if missing != nil { throw Enough() }
          let values = batch.values
          let room = definition.rows - rows.rows.count
          rows.rows += values.prefix(room).map { shown($0, rows.columns, definition.masked) }
          if values.count > room {
            rows.isCut = true
            throw Enough()
          }
        })
    } catch is Enough {
    } catch {
      try context.checkCancelled()
      let failure = BelayError(any: error, doing: "cannot run it", kind: .failed)
      return .failed(failure.causes.first ?? failure.message)
    }
    // A slip in its name must not show what was to be masked.
    if let missing { return .failed("`mask` names \(missing), which is no column of its result") }
    return .rows(rows)
  }

  private func shown(_ row: [Value], _ columns: [String], _ masked: [String]) -> [String] {
    zip(columns, row).map { column, value in
      if masked.contains(where: { $0.lowercased() == column.lowercased() }) { return Self.mask }
      if value == .null { return "NULL" }
      let text = value.asText
      return text.count > Self.mostText ? text.prefix(Self.mostText) + "…" : text
    }
  }
}
