import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// Rows that refer to what was not restored with them: said, and not judged.
struct DanglingRows {
  let run: Run

  private var context: RunContext { run.context }

  /// The tables were wanted without their parents, and they are as the archive has them.
  func tell(of tables: Set<TableName>) throws(BelayError) {
    let found: [IntegrityFinding]
    do {
      found = try run.connection.integrity(full: false, operation: context.stoppable("checking foreign keys")) ?? []
    } catch {
      return context.log(.warning, "foreign keys could not be checked: \(error.message)")
    }
    let names = Set(tables.map(\.name))
    let dangling = found.filter { $0.check == IntegrityFinding.foreignKey && names.contains($0.object) }
    for (table, findings) in Dictionary(grouping: dangling, by: \.object).sorted(by: { $0.key < $1.key }) {
      let count = findings.count == 1 ? "1 row of \(table) refers" : "\(findings.count) rows of \(table) refer"
      let example = findings.first.map { ", e.g. \($0.message)" } ?? ""
      context.log(.warning, "\(count) to rows that are not there\(example)")
    }
  }
}
