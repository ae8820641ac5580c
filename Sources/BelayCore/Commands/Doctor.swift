import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// `belay doctor`: preflight alone. Changes nothing.
package struct Doctor {
  let context: RunContext
  package let access: TargetAccess

  package func run() throws(BelayError) -> RunResult {
    context.phase(.preflight, access.redactedURL)
    try context.store.runs.prepare()
    let connection = try access.open(scratch: nil, operation: context.stoppable("opening"))
    defer { connection.close() }
    let preflight = Preflight(context: context, access: access, connection: connection)
    var findings = try preflight.findings(
      need: connection.hasScratch ? .backupAndScratch : .backup, writes: true, structure: true)
    if let finding = preflight.noScratch() { findings.append(finding) }
    for finding in findings { context.narrator.tell(.finding(finding)) }
    var lines = [
      "\(access.redactedURL): \(connection.traits.serverName) \(connection.traits.serverVersion), "
        + ByteCount.text(connection.traits.databaseBytes),
      "driver \(access.driver.id) \(access.driver.version): \(access.driver.path)",
      "store \(context.store.root)" + (context.store.runs.freeBytes().map { ": \(ByteCount.text($0)) free" } ?? ""),
    ]
    lines += try context.store.runs.openRuns().map { run in
      "unfinished run \(run.record.id)"
        + (run.isAlive ? " is still running" : ": " + (run.damage?.message ?? "run `belay recover`"))
    }
    lines += try context.store.runs.previousDatabases(of: connection.traits.identity)
      .map { $0.isCopy ? "leftover copy: \($0.line): `belay recover` drops it" : "previous database kept: \($0.line)" }
    try Preflight.refuse(findings, state: "nothing was changed")
    lines += context.drivers.unusable(besides: access.driver.path)
      .map { "broken, but not needed for this target: \($0.message)" }
    let warned = findings.contains { $0.severity == .warning }
    return RunResult(
      warned ? .doneWithWarnings : .done, "\(access.redactedURL) can be migrated safely", output: lines)
  }
}
