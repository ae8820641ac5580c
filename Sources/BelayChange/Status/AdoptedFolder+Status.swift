import BelayBase
import BelayDatabase
import BelayDrivers

extension AdoptedFolder {
  /// How each migration stands, what the ledger has and the folder has not among them.
  func statuses(
    on connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> [MigrationStatus] {
    let account = try account(MigrateRequest(), on: connection, catalog: catalog, context: context)
    let newest = account.state.applied.map(\.version).max { tool.precedes($0, $1) }
    var missing = account.missingRows.sorted { tool.precedes($0.version, $1.version) }[...]
    var all: [MigrationStatus] = []
    for migration in history.content.migrations {
      while let row = missing.first, migration.version.isEmpty || tool.precedes(row.version, migration.version) {
        all.append(status(missing: row))
        missing.removeFirst()
      }
      all.append(status(of: migration, account, newest: newest))
    }
    return all + missing.map(status(missing:))
  }

  private func status(of migration: ToolMigration, _ account: AdoptedPending, newest: String?) -> MigrationStatus {
    guard tool.isApplied(migration, account.state) else {
      var pending = MigrationStatus(name: migration.name, state: .pending)
      if migration.version.isEmpty, tool.row(of: migration, account.state) != nil {
        pending.remark = "runs again: its text has changed"
      } else if !migration.version.isEmpty, account.state.highest == nil, let newest,
        tool.precedes(migration.version, newest)
      {
        pending.remark =
          "comes before version \(newest), which is applied"
          + (tool.late == .refuses ? ": needs --out-of-order" : "")
      }
      return pending
    }
    let row = tool.row(of: migration, account.state)
    let receipt = account.receipts.last { $0.name == migration.name }
    var status = MigrationStatus(name: migration.name, state: .applied)
    let isKnown = row != nil || account.state.highest != nil
    status.appliedAt = [row?.appliedAt, receipt?.appliedAt].compactMap(\.self).first { !$0.isEmpty }
    status.by = receipt.map { "run \($0.run)" } ?? (isKnown ? who(row) : nil)
    if !isKnown { status.remark = account.state.baseline.map { "covered by the baseline \($0)" } }
    if let flaw = account.flaw(ofApplied: migration) {
      status.state = .changed
      status.remark = flaw.message.replacing("the migration \(migration.name) ", with: "")
    }
    return status
  }

  private func status(missing row: LedgerState.Row) -> MigrationStatus {
    MigrationStatus(
      name: row.description.isEmpty ? "version \(row.version)" : "version \(row.version) (\(row.description))",
      state: .missing, appliedAt: row.appliedAt.isEmpty ? nil : row.appliedAt, by: who(row),
      remark: "the folder has no such file")
  }

  private func who(_ row: LedgerState.Row?) -> String {
    guard let by = row?.by, !by.isEmpty else { return tool.tool.name }
    return "\(by), \(tool.tool.name)"
  }
}
