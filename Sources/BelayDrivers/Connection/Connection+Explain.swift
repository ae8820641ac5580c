import BelayRows
import CBelayDriver

extension Connection {
  /// The plan of a query, which is not run; nil where the driver cannot tell.
  package func explain(_ sql: String, operation: Operation) throws(DriverError) -> [PlanStep]? {
    guard let table = try table(belay_explain.self, operation) else { return nil }
    let call = Call(.explain, "explain")
    let rows = try collectRows(call, operation) { connection, operation, sink, error in
      sql.withBorrowed { table.explain(connection, operation, $0, sink, error) }
    }
    return try rows.map { row throws(DriverError) in
      guard row.count == 5, let depth = row[0].integer, let detail = row[1].text, let fullScan = row[3].integer else {
        throw call.defect(of: driver, "its rows are not as agreed")
      }
      return PlanStep(
        depth: Int(depth), detail: detail, table: row[2].text, isFullScan: fullScan != 0,
        rows: row[4].integer.map { Int($0) })
    }
  }
}
