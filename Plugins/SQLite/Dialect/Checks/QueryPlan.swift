import BelayDriverKit

/// SQLite's plan for a statement. The statement is not run.
package enum QueryPlan {
  package static func steps(of sql: String, in database: Database) throws(DriverFailure) -> [PlanStep] {
    // Some settings change while a statement is compiled.
    try database.readingOnly { (_) throws(DriverFailure) in try read(sql, in: database) }
  }

  private static func read(_ sql: String, in database: Database) throws(DriverFailure) -> [PlanStep] {
    // Compiled alone first: "EXPLAIN QUERY PLAN a; b" would run b.
    _ = try SQLText(sql).onlyStatement(in: database)
    var depths: [Int64: Int] = [:]
    var steps: [PlanStep] = []
    try database.rows("EXPLAIN QUERY PLAN \(sql)") { row in
      let depth = depths[row.integer(1)].map { $0 + 1 } ?? 0
      depths[row.integer(0)] = depth
      steps.append(Self.step(depth, row.text(3) ?? ""))
    }
    return steps
  }

  /// "SCAN t", "SCAN t USING COVERING INDEX i", "SEARCH t USING INDEX i (a=?)", "SCAN 2 CONSTANT ROWS" …
  private static func step(_ depth: Int, _ detail: String) -> PlanStep {
    var step = PlanStep(depth: depth, detail: detail)
    let isScan = detail.hasPrefix("SCAN ")
    guard isScan || detail.hasPrefix("SEARCH ") else { return step }
    let subject = detail.dropFirst(isScan ? 5 : 7)
    // A virtual table's module has its own indexes, which SQLite does not know.
    let isVirtual = subject.contains(" VIRTUAL TABLE ")
    if subject.hasPrefix("CONSTANT ROW") || subject.contains(" CONSTANT ROW") || subject.hasPrefix("(") { return step }
    let end = [" USING ", " VIRTUAL TABLE ", " LEFT-JOIN"].compactMap { subject.firstRange(of: $0)?.lowerBound }.min()
    step.table = String(subject[..<(end ?? subject.endIndex)])
    step.isFullScan = isScan && !isVirtual
    return step
  }
}
