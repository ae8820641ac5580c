import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// `belay backup`: preflight, backup, verification up to the level asked for.
package struct BackupJob {
  let context: RunContext
  package let access: TargetAccess
  package let request: BackupRequest

  package func run() -> RunResult {
    do {
      let label = request.name ?? access.target.name ?? "backup"
      let run = try RunStart(context: context, access: access).begin(.backup, label: label)
      let result = run.end(result(run))
      if result.error != nil { noteFailed(result.summary, identity: run.identity) }
      return result
    } catch {
      noteFailed(error.message, identity: nil)
      return RunResult(failure: error)
    }
  }

  /// What somebody has typed once, and mistyped, is no reason to keep everything.
  private func noteFailed(_ what: String, identity: String?) {
    guard request.scope?.isConfigured ?? true else { return }
    ProofNotes(context: context).noteFailedBackup(url: access.redactedURL, identity: identity, what)
  }

  private func result(_ run: Run) -> RunResult {
    var archive: String?
    do {
      run.report.enter(.preflight)
      context.phase(.preflight, access.redactedURL)
      let restores = request.verify == .restore && run.connection.hasScratch
      let findings = try Preflight(context: context, access: access, connection: run.connection)
        .findings(need: restores ? .backupAndScratch : .backup, writes: false)
      for finding in findings { context.narrator.tell(.finding(finding)) }
      try Preflight.refuse(findings, state: "\(access.redactedURL) is untouched")
      run.report.enter(.backup)
      var backup = Backup(
        context: context, access: access, journal: run.journal, id: run.id, formats: context.settings.formats,
        checksDump: request.verify != .manifest && !restores, purpose: request.kind)
      backup.scope = request.scope
      let outcome = try backup.take(from: run.connection)
      archive = outcome.entry.id
      run.report.add(.backup(outcome.record))
      let verified = try ArchiveVerification(
        context: context, access: access, connection: run.connection, journal: run.journal,
        scratchFolder: run.scratchFolder, label: run.id
      ).verify(try outcome.entry.open(with: context.keys), level: request.verify, isRead: true)
      let level = verified.level
      try run.noteVerified(
        outcome.entry.id, level: level, ProofSeconds(backup: outcome.seconds, restore: verified.restoreSeconds))
      run.report.add(.verification(level: level, tables: nil, standIn: ""))
      var lines = ["\(outcome.entry.location)"]
      lines += outcome.record.lines.dropFirst()
      if let scope = outcome.manifest.scope { lines.append("without \(scope.leftOut)") }
      lines.append("verified at level \(level.rawValue)")
      // Preflight has said of the same database what could not be proven.
      let isUnchecked = findings.contains { $0.rule == PreflightFinding.uncheckedRule }
      let part = outcome.manifest.scope == nil ? "" : "a part of "
      return RunResult(
        isUnchecked || !verified.warnings.isEmpty || !outcome.warnings.isEmpty ? .doneWithWarnings : .done,
        "backed up \(part)\(access.redactedURL) as \(outcome.entry.id), verified at level \(level.rawValue)",
        archive: outcome.entry.id, output: lines)
    } catch {
      var error = error
      if context.cancellation.isCancelled { error = context.interruption() }
      if let written = archive { run.noteFailedProof(of: written, level: request.verify, error) }
      if let written = archive { archive = context.store.archives.keepOrSetAside(written, after: &error) }
      if error.state == nil { error.state = "\(access.redactedURL) is untouched" }
      return RunResult(failure: error, archive: archive)
    }
  }
}
