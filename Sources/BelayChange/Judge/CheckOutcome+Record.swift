import BelayBase
import BelayChecks
import BelayRuns

extension CheckOutcome {
  /// For a report.
  var record: CheckRecord {
    CheckRecord(name: definition.name, passes: passes, description: description, rows: finding.rows ?? [])
  }
}
