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
      let result = run.end(copied(result(run)))
      if result.error != nil { noteFailed(result.summary, identity: run.identity) }
      return result
    } catch {
      noteFailed(error.message, identity: nil)
      return RunResult(failure: error)
    }
  }

  /// The backup is as good without its copies, and stays.
  private func copied(_ result: RunResult) -> RunResult {
    guard result.error == nil, let archive = result.archive, !context.settings.repositories.isEmpty else {
      return result
    }
    var result = result
    do throws(BelayError) {
      guard let entry = try context.store.archives.entry(archive) else { return result }
      let copies = ArchiveCopies(context: context)
      for isRequired in [true, false] {
        let missing = try copies.store(entry, of: access.target.name, kind: request.kind, required: isRequired)
        for warning in missing { result.add(warning: warning) }
      }
      return result
    } catch {
      let hint = "to store it: belay archive \(archive) --to NAME --keep"
      var error = context.cancellation.isCancelled ? context.interruption() : error
      error.hint = error.hint.map { "\($0); \(hint)" } ?? hint
      error.state = "the backup \(archive) is good, and in \(context.store.root)"
      return RunResult(failure: error, archive: archive, output: result.output)
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
      let preflight = Preflight(context: context, access: access, connection: run.connection)
      let findings =
        try preflight.findings(need: restores ? .backupAndScratch : .backup, writes: false) + preflight.encryption()
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
