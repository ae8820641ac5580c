import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

extension RollbackPlan {
  /// - Parameters:
  ///   - entry: the archive that the rollback returns to.
  ///   - connection: to the target.
  ///   - seconds: how long that backup and its proof took.
  ///   - isOneTransaction: of the change that is under way; nil: there is none.
  ///   - tables: that are put back.
  ///   - lost: what is known to be lost beside what others write.
  ///   - command: what a person types.
  package init(
    _ entry: ArchiveEntry, _ manifest: Manifest, through connection: Connection, seconds: ProofSeconds,
    isOneTransaction: Bool?, tables: [Table], lost: [String], command: String
  ) {
    let steps = Steps(connection: connection, seconds: seconds)
    self.init(
      target: manifest.target.url, archive: manifest.id, location: entry.location, bytes: entry.bytes,
      backedUpAt: manifest.createdAt, automatic: isOneTransaction.map(steps.automatic) ?? [],
      byCommand: steps.byCommand,
      command: command, tables: tables, lost: lost + [steps.writesOfOthers])
  }
}

/// What a rollback does on one target.
private struct Steps {
  let connection: Connection
  let seconds: ProofSeconds

  private var keepsPrevious: Bool { connection.canPromote && connection.traits.swaps }

  /// All rows are read once, as a backup reads them.
  private var proof: RollbackPlan.Step {
    .init("prove that schema and all tables are as in the backup", .none, seconds: seconds.backup)
  }

  /// By the first method that the driver has. What it falls back to takes longer.
  private var restoring: [RollbackPlan.Step] {
    if connection.hasRewind {
      return [.init("\(RollbackMethod.rewind.words), to the bookmark of before", .high)]
    }
    guard connection.canPromote else {
      return [.init(RollbackMethod.native.words, .high, seconds: seconds.restore ?? seconds.backup)]
    }
    // A swap renames.
    return [
      .init("restore the backup into a scratch database, and prove it there", .low, seconds: seconds.restore),
      .init("swap it in for the database", .high, seconds: seconds.restore == nil ? nil : 1),
    ]
  }

  private var saving: RollbackPlan.Step {
    .init("back up what is there now", .none, seconds: seconds.backup)
  }

  func automatic(isOneTransaction: Bool) -> [RollbackPlan.Step] {
    if isOneTransaction {
      return [.init("the engine's ROLLBACK of the transaction", .high, seconds: 0), proof]
    }
    return [saving] + restoring + [proof]
  }

  var byCommand: [RollbackPlan.Step] {
    guard connection.canPromote else {
      return [.init("decode and check the whole archive", .none, seconds: seconds.backup), saving] + restoring + [proof]
    }
    return restoring.prefix { $0.criticality != .high } + [saving] + restoring.filter { $0.criticality == .high } + [
      proof
    ]
  }

  var writesOfOthers: String {
    if keepsPrevious { return "rows that others write after the backup: then only in an archive, none is gone" }
    return "rows that others write after the backup: then only in the archive that the rollback makes first; "
      + "those that they write during the rollback may be gone: stop other programs first"
  }
}
