import BelayRows
import CBelayDriver

extension Connection {
  /// The plan of a query, without running it; nil if the driver does not support this.
  package func explain(_ sql: String, operation: Operation) throws(DriverError) -> [PlanStep]? {
    guard let table = try table(belay_explain.self, operation) else { return nil }
    return try collectTable(Call(.explain, "explain", of: sql), operation) { connection, operation, sink, error in
      sql.withBorrowed { table.explain(connection, operation, $0, sink, error) }
    }
  }
}
