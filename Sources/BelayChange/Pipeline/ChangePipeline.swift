import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayEncryption
import BelayRuns
import BelayStore
import Foundation
import SystemPackage

/// The way of a change of any kind, after the run's locks are taken:
///
///     preflight - audit - backup - verify - rehearse - confirm - apply - check - commit - report
///                                                                 any failure: undo, prove, report
package struct ChangePipeline {
  package let run: Run
  package let change: any Change
  package let options: ChangeOptions
  private let hooks: RunHooks

  package init(run: Run, change: any Change, options: ChangeOptions) {
    hooks = RunHooks(run: run)
    self.run = run
    self.change = change
    self.options = options
  }

  private var context: RunContext { run.context }
  private var target: String { run.access.redactedURL }
  private var untouched: String { "\(target) is untouched" }

  /// Never throws: whatever happens is reported, undone and proven.
  package func result() -> RunResult {
    let result = carriedOut()
    if let error = result.error { hooks.after(.run, failed: error) } else { hooks.warnOnly(.after, .run) }
    return copyingBackup(of: offeringBackup(hooks.hasWarned ? result.withWarnings() : result))
  }

  /// Of a change that was made, the backup goes to the other repositories too, when nothing waits for it any more.
  private func copyingBackup(of result: RunResult) -> RunResult {
    guard result.error == nil, let archive = result.archive, !context.settings.repositories.isEmpty else {
      return result
    }
    var result = result
    do throws(BelayError) {
      guard let entry = try context.store.archives.entry(archive) else { return result }
      let missing = try ArchiveCopies(context: context).store(
        entry, of: run.access.target.name, kind: entry.open().manifest.kind.name, required: false)
      for warning in missing { result.add(warning: warning) }
    } catch {
      result.add(warning: "the backup was not stored elsewhere: \(error.message)")
    }
    return result
  }

  /// Of a change that has failed and is put back, the backup is as good for the next try.
  private func offeringBackup(_ result: RunResult) -> RunResult {
    guard let error = result.error, let archive = result.archive, error.kind.leavesBackupUsable,
      (try? context.store.archives.entry(archive)) ?? nil != nil
    else { return result }
    var result = result
    result.reusable = archive
    return result
  }

  private func carriedOut() -> RunResult {
    var archive: String?
    do throws(BelayError) {
      try hooks.before(.run)
      var (plan, warned) = try hooks.around(.preflight) { () throws(BelayError) in try preflight() }
      guard !plan.isEmpty else { return RunResult(nothingIn: plan) }
      let forecast = RunForecast(run: run, options: options)
      forecast?.enter(.backup)
      try audit()
      let backup = try hooks.around(.backup) { () throws(BelayError) in try backUp() }
      archive = backup.entry.id
      hooks.archive = archive
      let reader = try backup.entry.open(with: context.keys)
      try hooks.before(.verify)
      let copy: ProvenCopy?
      forecast?.enter(.verify)
      do throws(BelayError) {
        copy = try verify(reader, backup)
      } catch {
        hooks.after(.verify, failed: error)
        guard !context.cancellation.isCancelled else { throw error }
        var failure = error
        run.noteFailedProof(of: backup.entry.id, level: .restore, error)
        archive = context.store.archives.keepOrSetAside(backup.entry.id, after: &failure)
        throw failure
      }
      do throws(BelayError) {
        try hooks.after(.verify)
      } catch {
        copy?.scratch.drop()
        throw error
      }
      let expected: ChangeApplication.Outcome?
      forecast?.enter(.rehearse)
      switch try rehearse(plan, on: copy, backup, reader) {
      case .went(let outcome): expected = outcome
      case .impossible: (expected, warned) = (nil, true)
      case .astray(let result): return result
      }
      forecast?.leave(happened: expected != nil)
      // What must be elsewhere before anything is changed. The others can wait.
      _ = try ArchiveCopies(context: context).store(
        backup.entry, of: run.access.target.name, kind: reader.manifest.kind.name, required: true)
      try confirm(plan, backup: backup, expected: expected, standIn: copy?.standIn ?? "")
      try planRollback(plan, backup, expected, restoreSeconds: copy?.seconds)
      try hooks.before(.apply)
      forecast?.enter(.apply)
      let result = apply(
        plan, backup: backup, reader: reader, rehearsal: expected, warnings: copy?.warnings ?? [])
      return warned ? result.withWarnings() : result
    } catch {
      return failed(error, archive: archive)
    }
  }

  /// Before anything was done to the target.
  private func failed(_ error: BelayError, archive: String?) -> RunResult {
    var error = error
    if context.cancellation.isCancelled { error = context.interruption() }
    if error.state == nil { error.state = untouched }
    return RunResult(failure: error, archive: archive)
  }

  private func enter(_ phase: Phase, _ detail: String = "") {
    run.report.enter(phase)
    context.phase(phase, detail)
  }

  // MARK: Preflight, audit

  /// - Returns: also whether there was a warning about the database or the run. What the linter says of the files is no
  ///   news of the database.
  private func preflight() throws(BelayError) -> (ChangePlan, warned: Bool) {
    enter(.preflight, target)
    let found = try ChangePreflight(
      context: context, access: run.access, connection: run.connection, change: change
    ).take(asks: true)
    var findings = found.findings
    if options.terminates, let finding = OtherSessions(run: run).cannotBeEnded() {
      findings.append(finding)
    }
    for finding in findings { context.narrator.tell(.finding(finding)) }
    if !findings.isEmpty { run.report.add(.preflight(findings)) }
    let plan = try found.plan.get()
    try Preflight.refuse(findings, state: untouched)
    if !plan.isEmpty {
      let picture = PlanText(
        plan: plan, catalog: found.catalog, connection: run.connection, context: context)
      let section = Section("plan", try picture.lines())
      context.narrator.tell(.section(section))
      run.report.add(.plan(lines: section.lines))
      run.report.add(
        .files(plan.parts.map { PartRecord(name: $0.name, text: $0.script?.text, statements: $0.script?.statements) }))
    }
    return (plan, found.warns)
  }

  private func audit() throws(BelayError) {
    guard !context.settings.audit.isEmpty else { return }
    enter(.audit)
    try Audit(run: run).write()
  }

  // MARK: Backup, verify, rehearse

  private func backUp() throws(BelayError) -> Backup.Outcome {
    run.report.enter(.backup)
    if let id = options.backup { return try use(context.store.archive(id)) }
    let outcome = try Backup(
      context: context, access: run.access, journal: run.journal, id: run.id, formats: context.settings.formats,
      checksDump: !run.connection.hasScratch, purpose: ArchiveKind.beforeMigration.name
    ).take(from: run.connection)
    run.report.add(.backup(outcome.record))
    try proveKey(opens: outcome)
    return outcome
  }

  /// The key that a recovery would use opens this backup, and not only the key that ends with this process.
  private func proveKey(opens backup: Backup.Outcome) throws(BelayError) {
    guard backup.manifest.encryption != nil, context.keys.hasIdentity else { return }
    _ = try DatabaseState.recorded(in: try backup.entry.open(with: context.keys.given))
  }

  /// A backup of before: hours of work that a mistyped answer must not throw away. What has changed in the database since
  /// is found right before the first statement.
  private func use(_ entry: ArchiveEntry) throws(BelayError) -> Backup.Outcome {
    context.phase(.backup, entry.id)
    let reader = try entry.open(with: context.keys)
    guard reader.manifest.target.identity == run.identity else {
      throw BelayError(
        .refused, "the archive \(entry.id) is a backup of \(reader.manifest.target.url), not of \(target)",
        hint: "leave out --backup, and belay makes a new one")
    }
    // It may have been damaged since it was made. Where it is restored, that is found then.
    if !run.connection.hasScratch { try Verification(context: context).verifyContents(reader, stoppable: true) }
    try run.journal.write(.backedUp(archive: entry.id))
    let outcome = Backup.Outcome(
      entry: entry, manifest: reader.manifest, state: try DatabaseState.recorded(in: reader))
    // Before anybody waits for it.
    let now = try StateReader(context: context, what: "reading what was written since").read(run.connection)
    tellOthers(now.differences(from: outcome.state).filter { !$0.isSchema && !$0.isOfLock })
    run.report.add(.backup(outcome.record))
    context.log(.notice, "the backup of \(reader.manifest.createdAt) is used; rows written since are in no backup")
    return outcome
  }

  private func verify(_ reader: ArchiveReader, _ backup: Backup.Outcome) throws(BelayError) -> ProvenCopy? {
    let id = reader.manifest.id
    enter(.verify, id)
    let verification = Verification(context: context)
    guard run.connection.hasScratch else {
      // Its members were decoded, and the dump was checked, before it got its name.
      try run.noteVerified(id, level: .read, ProofSeconds(backup: backup.seconds))
      run.report.add(.verification(level: .read, tables: nil, standIn: ""))
      return nil
    }
    let copy = try verification.restoreIntoScratch(
      reader, name: ScratchName.copy(of: run.id), access: run.access, target: run.connection, journal: run.journal,
      scratchFolder: run.scratchFolder, orOfRows: true)
    try run.noteVerified(id, level: .restore, ProofSeconds(backup: backup.seconds, restore: copy.seconds))
    run.report.add(.verification(level: .restore, tables: copy.state.tables.count, standIn: copy.standIn))
    return copy
  }

  private enum Rehearsed {
    /// nil: there was none.
    case went(ChangeApplication.Outcome?)
    /// The copy lacks what the change is about, which has been said.
    case impossible
    /// It has changed the target in place of the copy, and how that ended.
    case astray(RunResult)
  }

  /// The copy is dropped in any case.
  private func rehearse(
    _ plan: ChangePlan, on copy: ProvenCopy?, _ backup: Backup.Outcome, _ reader: ArchiveReader
  ) throws(BelayError) -> Rehearsed {
    guard let copy else { return .went(nil) }
    defer { copy.scratch.drop() }
    guard options.rehearses else { return .went(nil) }
    let intent = plan.parts.intent
    if let object = backup.state.catalog.objects.first(where: { $0.isInNoCopy && intent.names($0) }) {
      let finding = Finding(
        .warning, source: "rehearse", rule: "in-no-copy", subject: "\(object.kind) \(object.label)",
        message: "is in no dump and so in no copy: a change of it cannot be rehearsed")
      context.narrator.tell(.finding(finding))
      run.report.add(.notRehearsed([finding]))
      return .impossible
    }
    try hooks.before(.rehearse)
    enter(.rehearse)
    try run.journal.write(.rehearsing)
    let began = ContinuousClock.now
    let outcome: ChangeApplication.Outcome
    do throws(BelayError) {
      outcome = try Rehearsal(
        run: run, change: change, plan: plan, copy: copy, backup: reader, allowLoss: options.allowLoss
      ).take()
    } catch {
      hooks.after(.rehearse, failed: error)
      guard plan.words.mayGoAstray, isUntouched(copy), let result = try astray(plan, backup, reader, after: error)
      else { throw error }
      return .astray(result)
    }
    if plan.words.mayGoAstray, outcome.changedNothing,
      let result = try astray(plan, backup, reader, after: nil)
    {
      return .astray(result)
    }
    try run.journal.write(.rehearsed)
    noteTime(ofRehearsal: began.duration(to: .now).seconds)
    try hooks.after(.rehearse)
    return .went(outcome)
  }

  /// For the estimate of the next run.
  private func noteTime(ofRehearsal seconds: Double) {
    do {
      try context.store.runs.note(rehearsalSeconds: seconds, of: run.id)
    } catch {
      context.log(.debug, error.message)
    }
  }

  private func isUntouched(_ copy: ProvenCopy) -> Bool {
    let context = context.with(cancellation: Cancellation())
    do {
      let connection = try copy.scratch.open(operation: context.unstoppable("opening the copy"))
      defer { connection.close() }
      let now = try StateReader(context: context, what: "looking at the copy", stoppable: false).read(connection)
      return now.differences(from: copy.state).isEmpty
    } catch {
      context.log(.debug, error.message)
      return false
    }
  }

  // MARK: Confirm

  private func confirm(
    _ plan: ChangePlan, backup: Backup.Outcome, expected: ChangeApplication.Outcome?, standIn: String
  ) throws(BelayError) {
    enter(.confirm)
    try context.checkCancelled()
    let picture = PlanText(
      plan: plan, catalog: backup.state.catalog, connection: run.connection, context: context)
    var text: [TextPart] = [
      .line("backup   \(backup.entry.location) (\(ByteCount.text(backup.entry.bytes)))"),
      .line("rollback \(picture.rollbackWords)"),
    ]
    if let expected {
      text += [.line(""), .line("expected changes, as seen in the rehearsal\(standIn):")]
      text.append(TableDelta.text(expected.record.deltas))
      text += expected.record.ledgerLines.map { .line($0) }
      text += expected.record.timingLines.map { .line($0) } + expected.record.observationText
    } else {
      text.append(.line("not rehearsed"))
    }
    context.narrator.tell(.section(Section("ready", parts: text)))
    guard !context.settings.yes else { return }
    let words = plan.words
    let answer = context.narrator.ask(.yesNo, "\(words.deed) \(words.what) \(words.place) \(target)?")
    try context.checkCancelled()
    guard answer == "yes" else {
      throw BelayError(
        .declined, "not confirmed",
        hint: "the backup is kept; `\(words.again) --backup \(backup.entry.id)` uses it instead of making another one",
        state: untouched)
    }
  }

  /// `rollback_plan.json` and `.md` lie in the run's folder before anything is done to the target.
  private func planRollback(
    _ plan: ChangePlan, _ backup: Backup.Outcome, _ expected: ChangeApplication.Outcome?, restoreSeconds: Double?
  ) throws(BelayError) {
    let deltas = expected?.record.deltas ?? []
    let rollback = RollbackPlan(
      backup.entry, backup.manifest, through: run.connection,
      seconds: ProofSeconds(backup: backup.seconds, restore: restoreSeconds), isOneTransaction: plan.isOneTransaction,
      tables: deltas.map { RollbackPlan.Table(table: $0.table.description, rows: $0.before, changed: $0.after) },
      lost: expected == nil
        ? ["what the change writes: it was not rehearsed, so that its tables are not known"]
        : deltas.filter { $0.before == nil }.map { "table \($0.table), which the change makes" },
      command: run.undoCommand(backup.entry.id))
    do {
      try Durable.write(try rollback.json(), to: run.folder.appending("rollback_plan.json"))
      try Durable.write(Data(rollback.markdown.utf8), to: run.folder.appending("rollback_plan.md"))
    } catch {
      throw BelayError(
        .refused, "cannot write the rollback plan into \(run.folder)", state: untouched, causes: ["\(error)"])
    }
  }

  // MARK: Apply

  private func apply(
    _ plan: ChangePlan, backup: Backup.Outcome, reader: ArchiveReader, rehearsal: ChangeApplication.Outcome?,
    warnings: [String]
  ) -> RunResult {
    run.report.enter(.apply)
    let application = ChangeApplication(
      context: context, runID: run.id, plan: plan, url: run.access.target.url, journal: run.journal,
      rehearsal: rehearsal, allowLoss: options.allowLoss,
      open: { () throws(BelayError) in
        try run.access.open(scratch: run.scratchFolder, operation: context.opening())
      })
    application.reopen = { () throws(BelayError) in
      try run.access.open(scratch: run.scratchFolder, operation: context.unstoppable("opening"))
    }
    application.backedUp = backup.state
    if rehearsal == nil { application.backup = reader }
    defer { application.reportMessages(to: run.report) }
    var spotChecks = SpotChecks(context)
    do {
      try spotChecks.takeBefore(on: run.connection)
    } catch {
      return failed(error, archive: backup.entry.id)
    }
    defer { spotChecks.report(to: run.report) }
    application.beforeFirst = { (state) throws(BelayError) in
      try tellWritesSince(backup, now: state, plan)
      if !plan.isOneTransaction { try run.markForRewind() }
    }
    do {
      try run.lock()
    } catch {
      return failed(error, archive: backup.entry.id)
    }
    // Also while it goes back.
    defer { run.unlock() }
    var locked: Connection?
    do throws(BelayError) {
      if options.terminates { try OtherSessions(run: run).end() }
      locked = try lockedConnection(plan)
    } catch {
      return failed(error, archive: backup.entry.id)
    }
    // What a hook starts may wait for it.
    func release() {
      locked?.close()
      locked = nil
    }
    defer { release() }
    do {
      try application.run()
    } catch {
      change.stop()
      for finding in application.outcome.record.findings { context.narrator.tell(.finding(finding)) }
      let effect = application.effect(of: error)
      if effect != .nothing {
        run.report.add(.change(application.outcome.record))
        run.report.add(.validations(application.outcome.record.validations))
      }
      let stopped = StoppedChange(
        run: run, plan: plan, effect: effect, outcome: application.outcome, archive: backup.entry.id)
      // What is to be put back does not wait for a hook.
      defer {
        release()
        hooks.after(.apply, failed: error)
      }
      if let stopped, stopped.isWanted(after: error), let result = stopped.result(after: error) { return result }
      return back(from: error, effect: effect, of: application, plan, reader)
    }
    for finding in application.outcome.record.findings { context.narrator.tell(.finding(finding)) }
    run.report.add(.change(application.outcome.record))
    run.report.add(.validations(application.outcome.record.validations))
    if let unchanged = application.unchanged { run.report.add(.unchanged(unchanged)) }
    spotChecks.takeAfter(on: run.connection)
    // What the linter said of the files was known before they were applied, and is no news of the database.
    let warned = !warnings.isEmpty || application.outcome.record.findings.contains { $0.severity == .warning }
    let record = application.outcome.record
    let lines = record.ledgerLines + record.observations.flatMap(\.waits)
    context.narrator.tell(
      .section(Section("changed", parts: [TableDelta.text(record.deltas)] + lines.map { .line($0) })))
    hooks.deltas = record.deltas
    do throws(BelayError) {
      // All of it is committed by now, and nobody waits for a lock.
      release()
      try hooks.after(.apply)
    } catch {
      return back(from: error, effect: .committed, of: application, plan, reader)
    }
    let words = plan.words
    let changedNothing = words.mayGoAstray && application.changedNothing
    return RunResult(
      warned ? .doneWithWarnings : .done,
      changedNothing
        ? "\(words.what) changed nothing in \(target)"
        : "\(words.done) \(words.what) \(words.place) \(target)\(plan.leftOutWords)",
      archive: backup.entry.id, undo: changedNothing ? nil : run.undoCommand(backup.entry.id))
  }

  /// A connection that holds the change's lock; nil: it has none.
  private func lockedConnection(_ plan: ChangePlan) throws(BelayError) -> Connection? {
    guard let lock = plan.lock else { return nil }
    let connection = try run.access.open(scratch: run.scratchFolder, operation: context.opening())
    do throws(BelayError) {
      try lock.take(on: connection, context: context)
    } catch {
      connection.close()
      throw error
    }
    return connection
  }

  private func back(
    from error: BelayError, effect: Effect, of application: ChangeApplication, _ plan: ChangePlan,
    _ reader: ArchiveReader
  ) -> RunResult {
    var undo = Undo(run: run, reader: reader, receipts: plan.receipts)
    undo.outside = application.outcome.outsideWords
    undo.reach = plan.reach
    undo.hooks = hooks
    return undo.result(after: error, effect: effect, before: application.outcome.before)
  }

  /// In the rehearsal a command that does not take its URL from belay changes the target, and not the copy. What it has
  /// done there is put back.
  /// - Parameter failure: of the rehearsal.
  /// - Returns: nil: that is not so.
  private func astray(
    _ plan: ChangePlan, _ backup: Backup.Outcome, _ reader: ArchiveReader, after failure: BelayError?
  ) throws(BelayError) -> RunResult? {
    let context = context.with(cancellation: Cancellation())
    let now = try StateReader(context: context, what: "looking at the target", stoppable: false).read(run.connection)
    let found = now.differences(from: backup.state).filter { difference in
      if case .rows(let table, _, _) = difference { return plan.ledgers.contains(table) }
      return !difference.isOfLock
    }
    guard let first = found.first else { return nil }
    change.stop()
    run.report.enter(.apply)
    try run.journal.write(
      .applying(step: 0, of: 1, parts: plan.parts.map(\.name), transactional: false, receipts: nil))
    try run.journal.write(.statement(step: 0, part: plan.parts.first?.name ?? "", index: 0))
    let error = BelayError(
      .checkFailed,
      "\(plan.words.what) has changed \(target) in the rehearsal: it does not use the URL that belay gives it",
      hint: "let it take its URL from there, or use --no-rehearse if it can work on no other database",
      causes: [first.description] + [failure?.message].compactMap(\.self))
    do {
      try run.lock()
    } catch {
      return failed(error, archive: backup.entry.id)
    }
    defer { run.unlock() }
    return Undo(run: run, reader: reader, receipts: nil)
      .result(after: error, effect: .partial(Effect.Partial(committedSteps: 0)), before: backup.state)
  }

  /// Others may have written between the backup and the lock: their rows are kept by ROLLBACK, and lost by every other
  /// rollback method. What they changed of the schema must not be what the change is about.
  private func tellWritesSince(
    _ backup: Backup.Outcome, now: DatabaseState, _ plan: ChangePlan
  ) throws(BelayError) {
    let reach = plan.reach
    let differences = now.differences(from: backup.state).filter { !$0.isOfLock }
    // A backup that is used again is no backup of another schema, whoever has changed it.
    if let schema = differences.first(where: { $0.isSchema && (options.backup != nil || reach.contains($0)) }) {
      throw BelayError(
        .refused, "somebody else has changed the schema since the backup: \(schema.description)",
        hint: "run `\(plan.words.again)` again", state: untouched)
    }
    // Another store's run knows nothing of this one's lock on the store, and may have applied the same files.
    for case .rows(let table, _, _) in differences where plan.ledgers.contains(table) {
      throw BelayError(
        .refused, "somebody else has applied migrations since the backup: the ledger \(table) has changed",
        hint: "run `\(plan.words.again)` again", state: untouched)
    }
    // Rows written since a backup that is used again were told when it was opened.
    if options.backup == nil { tellOthers(differences) }
  }

  private func tellOthers(_ differences: [StateDifference]) {
    context.tellOthers(differences)
    if !differences.isEmpty { run.report.add(.writtenByOthers(differences.map(\.description))) }
  }
}

extension BelayError.Kind {
  /// A change ended with it that had its backup, and the database is as that backup. Where a person has not confirmed, the
  /// hint says so.
  fileprivate var leavesBackupUsable: Bool {
    switch self {
    case .migrationFailed, .checkFailed, .failed, .interrupted, .terminated: true
    case .usage, .notFound, .locked, .wrongCode, .wrongKey, .declined, .refused, .cannotOpen, .backupFailed,
      .verificationFailed,
      .dumpRefused, .stopped, .outcomeUnknown, .notRolledBack, .changedMeanwhile:
      false
    }
  }
}

extension RunResult {
  /// Of a plan that holds nothing to do.
  package init(nothingIn plan: ChangePlan) {
    self.init(.done, "nothing to apply" + plan.leftOutWords, output: ["nothing to apply"] + plan.leftOutLines)
  }
}
