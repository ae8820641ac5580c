import BelayArchive
import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers
import BelayEncryption
import BelayRuns
import BelayStore

/// `belay rollback ID`: puts a database back to an archive, after saying what that loses, and after backing up what is
/// there now.
package struct Rollback {
  let context: RunContext
  package let access: TargetAccess
  package let request: RollbackRequest

  package func run() -> RunResult {
    do throws(BelayError) {
      let entry = try context.store.archive(request.id)
      // After a crash, recovery looks for it there.
      guard try context.store.archives.entry(entry.id)?.location == entry.location else {
        throw BelayError(
          .refused, "the archive \(entry.location) is not in the store \(context.store.archives.location)",
          hint: "copy it there, and name it by its id: belay rollback \(entry.id)", state: "nothing was changed")
      }
      let reader = try entry.open(with: context.keys)
      try ArchiveAdmission.refusePart(reader, of: context.store, "to put the whole database back")
      context.keys.encryptLike(reader.manifest)
      if request.plan {
        return try ShownRollback(context: context, access: access, entry: entry, reader: reader).result()
      }
      let run = try RunStart(context: context, access: access).begin(.rollback, label: "before-rollback")
      return run.end(RollbackRun(run: run, reader: reader, request: request).result())
    } catch {
      return RunResult(failure: error)
    }
  }
}

/// The stations of one rollback, after the locks are taken.
package struct RollbackRun {
  package let run: Run
  package let reader: ArchiveReader
  package let request: RollbackRequest

  private var context: RunContext { run.context }
  private var target: String { run.access.redactedURL }
  private var archive: String { reader.manifest.id }
  private var untouched: String { "\(target) is untouched" }

  package func result() -> RunResult {
    do throws(BelayError) {
      try refuseOtherTarget()
      let copy = try verify()
      do throws(BelayError) {
        let recorded = try DatabaseState.recorded(in: reader)
        let present = try StateReader(context: context, what: "reading the current state").read(run.connection)
        let losses = Losses(present: present, backup: recorded)
        guard !losses.differences.isEmpty else {
          copy?.scratch.drop()
          return RunResult(.done, "\(target) already equals \(archive); nothing was changed", archive: archive)
        }
        let code = RollbackCode(
          archive: reader.manifest, present: present, losses: losses, keepsRows: keepsPrevious
        ).text
        let reach = RewindReach(of: reader, through: run.connection, context: context)
        show(losses, code: code, reach: reach)
        if let refusal = try refusal(code: code) {
          copy?.scratch.drop()
          return refusal
        }
        let agreed = keepsPrevious ? losses.tables : []
        let safety = try backUpPresent(expecting: present, agreed: agreed)
        return try goBack(with: copy, safety: safety, agreed: agreed, present: present, rewinds: reach.rewinds)
      } catch {
        copy?.scratch.drop()
        throw error
      }
    } catch {
      var error = error
      if context.cancellation.isCancelled, !error.kind.leavesRunOpen { error = context.interruption() }
      if error.state == nil { error.state = untouched }
      return RunResult(failure: error, archive: archive)
    }
  }

  private func enter(_ phase: Phase, _ detail: String = "") {
    run.report.enter(phase)
    context.phase(phase, detail)
  }

  private func refuseOtherTarget() throws(BelayError) {
    enter(.preflight, target)
    guard reader.manifest.target.identity != run.identity else {
      let preflight = Preflight(context: context, access: run.access, connection: run.connection)
      var findings = try preflight.findings(
        need: preflight.need, writes: true)
      if let finding = preflight.noScratch() { findings.append(finding) }
      if request.terminate, let finding = OtherSessions(run: run).cannotBeEnded() { findings.append(finding) }
      for finding in findings { context.narrator.tell(.finding(finding)) }
      return try Preflight.refuse(findings, state: untouched)
    }
    throw BelayError(
      .refused, "archive \(archive) belongs to another database: \(reader.manifest.target.identity)",
      hint: "to restore it elsewhere: belay restore \(archive) --into URL", state: untouched)
  }

  private func verify() throws(BelayError) -> ProvenCopy? {
    enter(.verify, archive)
    let verification = Verification(context: context)
    guard run.connection.hasScratch else {
      try verification.verifyContents(reader)
      try verification.verifyDump(reader, with: run.connection)
      return nil
    }
    return try verification.restoreIntoScratch(
      reader, name: ScratchName.back(of: run.id), access: run.access, target: run.connection, journal: run.journal,
      scratchFolder: run.scratchFolder, orOfRows: true)
  }

  // MARK: Confirm

  private func show(_ losses: Losses, code: String, reach: RewindReach) {
    enter(.confirm)
    let plan = Section(
      "plan",
      [
        "1. back up \(target) as it is now, as \(run.id)",
        "2. return it to \(archive), made at \(reader.manifest.createdAt)" + reach.words,
        "3. prove that schema and all tables equal that backup",
        writesOfOthers,
      ])
    let warning = Section("what would be lost", losses.lines)
    for section in [plan, warning] { context.narrator.tell(.section(section)) }
    run.report.add(.plan(lines: plan.lines))
    run.report.add(.losses(warning.lines))
  }

  /// What others write until the swap is in the database that is swapped out, and that one is saved in an archive.
  private var keepsPrevious: Bool { run.connection.canPromote && run.connection.traits.swaps }

  private var writesOfOthers: String {
    guard keepsPrevious else {
      return "rows that others write during the rollback may be lost: stop other programs first"
    }
    return "rows that others write during the rollback will be only in an archive: stop other programs first"
  }

  /// nil: go on. Without a terminal the code is printed, and typing it back is the confirmation.
  private func refusal(code: String) throws(BelayError) -> RunResult? {
    if let given = request.confirm {
      guard given == code else {
        return wrongCode(
          "the code \(given) does not match this backup and the current state of the database",
          hint: "the code is now \(code); it changes with "
            + (keepsPrevious ? "the tables and objects that lose something" : "every row that is written"))
      }
      if context.settings.yes { return nil }
    }
    guard context.interactive else {
      let command = run.undoCommand(archive) + " --yes --confirm \(code)"
      return wrongCode(
        request.confirm == nil ? "a rollback needs a confirmation code" : "a rollback without a terminal needs --yes",
        hint: command, output: ["code: \(code)", "to confirm: \(command)"])
    }
    for question in [
      "roll \(target) back to \(archive)?", "the rows listed above will be lost from \(target). continue?",
    ] {
      let answer = context.narrator.ask(.yesNo, question)
      try context.checkCancelled()
      guard answer == "yes" else {
        throw BelayError(.declined, "not confirmed", state: untouched)
      }
    }
    if request.confirm != nil { return nil }
    let typed = context.narrator.ask(.code, "type \(code) to continue:")
    try context.checkCancelled()
    guard typed == code else { return wrongCode("the typed code is wrong", hint: "the code is \(code)") }
    return nil
  }

  private func wrongCode(_ message: String, hint: String, output: [String] = []) -> RunResult {
    let error = BelayError(.wrongCode, message, hint: hint, state: untouched)
    return RunResult(failure: error, archive: archive, output: output)
  }

  // MARK: Back

  /// - Parameter agreed: tables whose rows may have changed since: they are in this backup.
  private func backUpPresent(
    expecting present: DatabaseState, agreed: Set<TableName>
  ) throws(BelayError) -> Backup.Outcome {
    run.report.enter(.backup)
    let safety = try Backup(
      context: context, access: run.access, journal: run.journal, id: run.id, formats: context.settings.formats,
      purpose: "before-rollback"
    ).take(from: run.connection)
    let changes = safety.state.differences(from: present).filter { !$0.isOfRows(in: agreed) }
    guard changes.isEmpty else {
      throw BelayError(
        .changedMeanwhile, "\(target) was changed by somebody else after the code was created",
        hint: "check the plan again: \(run.undoCommand(archive))", state: untouched,
        causes: changes.prefix(5).map(\.description))
    }
    // Every member was decoded before the archive got its name.
    try run.noteVerified(safety.entry.id, level: .read)
    try context.checkCancelled()
    return safety
  }

  private func goBack(
    with copy: ProvenCopy?, safety: Backup.Outcome, agreed: Set<TableName>, present: DatabaseState, rewinds: Bool
  ) throws(BelayError) -> RunResult {
    run.report.enter(.back)
    let hooks = RunHooks(run: run)
    hooks.archive = archive
    hooks.warnOnly(.before, .rollback)
    let result: RunResult
    do {
      result = try back(with: copy, safety: safety, agreed: agreed, present: present, rewinds: rewinds)
    } catch {
      hooks.after(.rollback, failed: error)
      throw error
    }
    hooks.warnOnly(.after, .rollback)
    return hooks.hasWarned ? result.withWarnings() : result
  }

  private func back(
    with copy: ProvenCopy?, safety: Backup.Outcome, agreed: Set<TableName>, present: DatabaseState, rewinds: Bool
  ) throws(BelayError) -> RunResult {
    do {
      try run.lock()
      defer { run.unlock() }
      if request.terminate { try OtherSessions(run: run).end() }
      var undo = Undo(run: run, reader: reader, receipts: nil)
      undo.rewinds = rewinds
      let state = try undo.descend(with: copy, onlyFrom: safety.state, orWritten: agreed)
      return RunResult(
        .done, "\(target) was rolled back to \(archive): \(state)", archive: archive,
        undo: run.undoCommand(safety.entry.id))
    } catch  where error.kind == .changedMeanwhile {
      throw error
    } catch {
      guard !hasBegun || isAsItWas(present, orWritten: agreed) else {
        throw BelayError(
          .notRolledBack, error.message, hint: "run `belay recover`; what was there before is in \(safety.entry.id)",
          state: "\(target) may be in an intermediate state", causes: error.causes)
      }
      throw BelayError(
        error.kind == .locked ? .locked : .failed, error.message, hint: error.hint,
        state: hasBegun ? "\(target) is as it was, and proven" : untouched, causes: error.causes)
    }
  }

  /// Something was done to the target. Else nothing needs to be compared, which others' writes could spoil.
  private var hasBegun: Bool {
    Journal.readable(run.journal.path).contains { if case .rollingBack = $0 { true } else { false } }
  }

  /// A database that cannot be read is not known to be as it was.
  private func isAsItWas(_ present: DatabaseState, orWritten agreed: Set<TableName>) -> Bool {
    do {
      let now = try StateReader(context: context, what: "proving", stoppable: false).read(run.connection)
      // Where all that differs may have been written by others, it must not have been written by the rollback.
      if !agreed.isEmpty, now.differences(from: try DatabaseState.recorded(in: reader)).isEmpty { return false }
      return now.differences(from: present).allSatisfy { $0.isOfLock || $0.isOfRows(in: agreed) }
    } catch {
      context.log(.warning, "\(target) cannot be read: \(error.message)")
      return false
    }
  }
}
