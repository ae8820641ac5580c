import BelayDriverKit
import SQLiteDialect

extension SQLiteConnection: Explaining {
  func explain(_ sql: String, operation: Operation) throws(DriverFailure) -> [PlanStep] {
    try during(operation) { () throws(DriverFailure) in try QueryPlan.steps(of: sql, in: readable) }
  }
}
