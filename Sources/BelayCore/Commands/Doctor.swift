import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import Foundation

/// `belay doctor`: says whether a migration would be refused, as `belay migrate` would find it out. Changes nothing, and
/// makes nothing, not even the store's folder.
package struct Doctor {
  let context: RunContext
  package let access: TargetAccess

  package func run() throws(BelayError) -> RunResult {
    context.phase(.preflight, access.redactedURL)
    try context.store.runs.checkWritable()
    let connection = try access.open(scratch: nil, operation: context.opening())
    defer { connection.close() }
    let found = try ChangePreflight(
      context: context, access: access, connection: connection,
      change: SQLFilesChange(context: context, request: MigrateRequest())
    ).take(asks: false, structure: true)
    for finding in found.findings { context.narrator.tell(.finding(finding)) }
    var lines = [
      "\(access.redactedURL): \(connection.traits.serverName) \(connection.traits.serverVersion), "
        + ByteCount.text(connection.traits.databaseBytes),
      "driver \(access.driver.id) \(access.driver.version): \(access.driver.path)",
      "store \(context.store.root)" + (context.store.runs.freeBytes().map { ": \(ByteCount.text($0)) free" } ?? ""),
    ]
    switch found.plan {
    case .success(let plan):
      lines.append("migrations: " + (plan.isEmpty ? "nothing to apply" : "\(plan.count) to apply"))
    case .failure(let error):
      if isOnlyEmpty(error) { lines.append("migrations: none yet in \(migrationsFolder)") }
    }
    lines += try context.store.runs.previousDatabases(of: connection.traits.identity)
      .map { $0.isCopy ? "leftover copy: \($0.line): `belay recover` drops it" : "previous database kept: \($0.line)" }
    let others = try context.store.runs.openRuns().filter { $0.record.identity != connection.traits.identity }
    lines += others.map { "unfinished run on another database: \($0.line)" }
    if let unfinished = try unfinished(of: connection.traits.identity, with: found.findings) {
      return RunResult(failure: unfinished, output: lines)
    }
    do throws(BelayError) {
      if case .failure(let error) = found.plan, !isOnlyEmpty(error) { throw error }
      try Preflight.refuse(found.findings, state: "nothing was changed")
    } catch {
      return RunResult(failure: error, output: lines)
    }
    lines += context.drivers.unusable(besides: access.driver.path)
      .map { "broken, but not needed for this target: \($0.message)" }
    let warned = found.warns
    return RunResult(
      warned ? .doneWithWarnings : .done, "\(access.redactedURL) can be migrated safely", output: lines)
  }

  private var migrationsFolder: String { context.settings.migrations.directory ?? "migrations" }

  /// There is a folder, and no file in it yet: that says nothing against the database.
  private func isOnlyEmpty(_ error: BelayError) -> Bool {
    error.kind == .notFound && FileManager.default.fileExists(atPath: migrationsFolder)
  }

  /// A run that is at work, or that was interrupted, refuses every migration of this database.
  private func unfinished(of identity: String, with findings: [Finding]) throws(BelayError) -> BelayError? {
    let runs = context.store.runs
    let open = try runs.openRuns(of: identity)
    let errors = findings.filter { $0.severity == .error }.map { "\($0.subject): \($0.message)" }
    // A backup or a verification that was interrupted is ended by the next run.
    if let run = open.first(where: { $0.isAlive || $0.damage != nil || !$0.record.kind.isHarmless }) {
      return BelayError(
        .locked, run.line, hint: run.isAlive ? "wait until it has ended" : run.damage?.hint ?? "run `belay recover`",
        state: "nothing was changed by this call", causes: errors)
    }
    guard TargetLock.isHeld(runs: runs, identity: identity) else { return nil }
    return BelayError(
      .locked, "another belay run is using \(identity)", hint: "wait until it has ended",
      state: "nothing was changed by this call", causes: errors)
  }
}

extension OpenRun {
  /// "run 20261120T143022Z-shop is still running"
  fileprivate var line: String {
    if isAlive { return "run \(record.id) is still running" }
    return damage?.message ?? "run \(record.id) was interrupted and has not ended"
  }
}
