import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// How many rows a table of a run's target has now.
struct RowCount {
  private let table: CatalogTable
  private let run: Run

  init(of table: CatalogTable, in run: Run) {
    self.table = table
    self.run = run
  }

  func read() throws -> UInt64 {
    let name = run.connection.traits.quoted(schema: table.schema, name: table.name)
    let values = try run.connection.values("SELECT count(*) FROM \(name)", operation: run.context.stoppable())
    guard case .integer(let count)? = values.first?.first else { return 0 }
    return UInt64(max(0, count))
  }

  /// Refuses a table that has rows: others would come among them.
  func refuseFull(_ hint: String) throws {
    let count = try read()
    guard count > 0 else { return }
    let target = run.access.redactedURL
    throw BelayError(
      .refused, "table \(table.tableName) in \(target) already contains \(Counted.rows(count))", hint: hint,
      state: "\(target) is untouched")
  }
}
