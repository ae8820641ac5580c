import BelayArchive
import BelayBase
import BelayChecks
import BelayDatabase
import BelayRuns

/// What was checked, for the report.
extension ChangeApplication {
  /// Something that belay has checked itself, and that holds. Of several steps the last word counts.
  func validated(_ name: String, _ description: String) {
    let record = CheckRecord(name: name, passes: true, description: description, rows: [])
    outcome.record.validations.removeAll { $0 == record || ($0.name == name && name != "contract") }
    outcome.record.validations.append(record)
  }

  /// Checks that were run. One that failed before too is listed as failed, and stops nothing.
  func note(_ checks: [CheckOutcome]) {
    let names = Set(checks.map(\.definition.name))
    outcome.record.validations.removeAll { names.contains($0.name) }
    outcome.record.validations += checks.map(\.record)
  }

  /// The tables that hold as many rows as before, and the same ones as far as that was compared; nil: it is not known.
  var unchanged: [TableCount]? {
    guard let reached else { return nil }
    let changed = Set(outcome.record.deltas.map(\.table))
    let counts = reached.tables.filter { !changed.contains($0.key) && !ownTables.contains($0.key) }
      .map { TableCount(table: $0.key, rows: $0.value.rows) }
    return counts.sorted { $0.table < $1.table }
  }
}
