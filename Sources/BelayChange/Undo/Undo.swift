import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// Puts a database back after a failure: tries the rollback methods, fastest first, and then proves the result.
///
/// Nothing here is stopped by Ctrl+C. Every method is journaled before it is tried.
package struct Undo {
  package let run: Run
  package let reader: ArchiveReader
  /// Those that the change leaves in the target; nil: it leaves none.
  package let receipts: Receipts?
  /// false: the engine's own rewind is not tried, because it is known not to reach far enough.
  package var rewinds = true
  /// What the change has done outside the database, to be said behind its state: nothing here takes it back.
  package var outside = ""
  /// What the change may have touched of the schema; nil: anything.
  package var reach: ChangeReach?
  /// Those of the run; nil: there are none here.
  package var hooks: RunHooks?
  /// Nobody has agreed yet to a method that loses what others write meanwhile.
  var asksForLosses = false

  package init(run: Run, reader: ArchiveReader, receipts: Receipts?, rewinds: Bool = true) {
    self.run = run
    self.reader = reader
    self.receipts = receipts
    self.rewinds = rewinds
  }

  /// Nothing here is stopped by Ctrl+C, which may be the reason why it runs.
  package var context: RunContext {
    run.context.with(cancellation: Cancellation(), interactive: run.context.interactive)
  }
  private var isInterrupted: Bool { run.context.cancellation.isCancelled }
  package var target: String { run.access.redactedURL }

  /// Undoes what a change has done, and turns the failure that caused it into the run's result.
  /// - Parameters:
  ///   - effect: what the change has done.
  ///   - before: what was in the target before its first statement; nil: what the archive holds.
  package func result(after failure: BelayError, effect: Effect, before: DatabaseState?) -> RunResult {
    var error = failure
    let archive = reader.manifest.id
    // What may be as it should is not undone.
    if effect == .unknown {
      error.hint = "run `belay recover` when the database can be reached; the backup is \(archive)"
      return RunResult(failure: error, archive: archive)
    }
    if effect == .nothing {
      if isInterrupted { error = run.context.interruption() }
      if error.state == nil { error.state = "\(target) is untouched" }
      return RunResult(failure: error, archive: archive)
    }
    run.report.enter(.back)
    hooks?.warnOnly(.before, .rollback)
    do {
      let state = try undo(effect, before: before)
      hooks?.warnOnly(.after, .rollback)
      if isInterrupted { error = run.context.interruption() }
      error.state = state + outside
      return RunResult(failure: error, archive: archive)
    } catch let back {
      hooks?.after(.rollback, failed: back)
      error = BelayError(
        .notRolledBack, "\(target) is NOT as it was: \(back.message)",
        hint: back.hint ?? "run `belay recover`; the backup is \(archive)", state: back.state,
        causes: back.causes + ["original error: \(failure.message)"] + failure.causes)
      return RunResult(failure: error, archive: archive)
    }
  }

  /// By the method that does least.
  /// - Returns: the state of the target, proven.
  private func undo(_ effect: Effect, before: DatabaseState?) throws(BelayError) -> String {
    if effect == .undone { return try proveTransaction(before: before) }
    if case .partial(var partial) = effect, let before {
      if partial.mayWriteRows, let tables = partial.tables {
        partial.mayWriteRows = !isUntouched(tables, since: before)
      }
      if !partial.mayWriteRows {
        for step in 0...partial.committedSteps { try run.journal.write(.wroteNoRows(step: step)) }
      }
      if partial.committedSteps == 0 {
        if isUnchanged(since: before) {
          return
            "nothing of it had taken effect: schema and \(Counted.all(before.tables.count, "table")) are as before, and proven"
        }
        if let dropped = dropAdded(since: before, rowsAreOfOthers: !partial.mayWriteRows) { return dropped }
      }
      if !partial.mayWriteRows { try spareOthersRows(since: before) }
    }
    let present = saveWhatIsThere(label: "before-rollback")
    var asking = self
    asking.asksForLosses = true
    return try asking.descend(to: before)
      + (present.map { "; the state before the rollback, with what others wrote, is in \($0)" } ?? "")
  }

  /// A first statement that failed outside a transaction: restoring would only lose what others wrote since the backup.
  private func isUnchanged(since before: DatabaseState) -> Bool {
    do {
      let now = try StateReader(context: context, what: "reading the current state", stoppable: false).read(
        run.connection)
      return now.differences(from: before).allSatisfy(\.isOfLock)
    } catch {
      context.log(.debug, error.message)
      return false
    }
  }

  // MARK: The engine's ROLLBACK

  /// The engine has rolled its transaction back. Proven by the ledger, which would hold this run's rows if it had not,
  /// by the schema, and by the digests; rows that others wrote meanwhile are told apart from a broken rollback by the
  /// ledger.
  package func proveTransaction(before: DatabaseState?) throws(BelayError) -> String {
    note(.rollingBack(method: .transaction, archive: reader.manifest.id))
    context.phase(.prove, target)
    let connection = try run.access.open(scratch: run.scratchFolder, operation: context.unstoppable("opening"))
    defer { connection.close() }
    let parts = try receipts?.parts(of: run.id, connection, context: context) ?? []
    guard parts.isEmpty else {
      throw BelayError(.notRolledBack, "the ledger contains rows of this run", causes: parts)
    }
    let expected: DatabaseState
    if let before { expected = before } else { expected = try DatabaseState.recorded(in: reader) }
    // Held against the backup, and not against what was there at BEGIN, the schema may be another one by now too.
    let state = try prove(connection, equals: expected, othersMayAlter: before == nil || reach != nil)
    note(.rolledBack(method: .transaction))
    note(.proven)
    return "rolled back by the engine's own transaction, and proven: \(state)"
  }

  /// The engine has rolled back whatever the journal can hold: a full disk must not turn that into a failure.
  private func note(_ step: Step) {
    do { try run.journal.write(step) } catch { context.log(.warning, error.message) }
  }

  // MARK: The other rollback methods

  func provenBackup(by method: RollbackMethod) throws(BelayError) -> String {
    context.phase(.prove, target)
    let connection = try run.access.open(scratch: run.scratchFolder, operation: context.unstoppable("opening"))
    defer { connection.close() }
    let present = try StateReader(context: context, what: "proving", stoppable: false).read(connection)
    let state = try prove(
      present, equals: try DatabaseState.recorded(in: reader),
      rewording: Rewording(archive: reader.manifest.target, now: connection.traits))
    // A run that is cut off from here on saves it in its recovery.
    let saved = saveLastMoment()
    try run.journal.write(.proven)
    return "restored from \(reader.manifest.id) (\(method.words)), and proven: \(state)"
      + present.catalog.computedWords + saved
  }

  /// Restores the backup by the first method that works, and proves it.
  /// - Parameters:
  ///   - copy: a copy of the backup that is restored and proven already; it is dropped in any case.
  ///   - before: what was there before the first statement, where that is known: others may have written since the backup.
  ///   - known: what is in the database as far as whoever asked for this knows; nothing is done where it is not so.
  ///   - agreed: tables whose rows may be other ones by now, as long as a previous database keeps them.
  package func descend(
    with copy: ProvenCopy? = nil, to before: DatabaseState? = nil, onlyFrom known: DatabaseState? = nil,
    orWritten agreed: Set<TableName> = []
  ) throws(BelayError) -> String {
    context.phase(.back, target)
    // Whichever method is taken.
    defer { copy?.scratch.drop() }
    let present = try tellLosses(known: known, agreed: agreed)
    var failures: [String] = []
    for method in methods {
      do {
        if method == .rewind {
          guard let state = try rewind(to: before, from: present) else { continue }
          return state
        }
        // Only a swap keeps what others have written since.
        if method != .scratch, !agreed.isEmpty { _ = try tellLosses(known: known) }
        guard try take(method, copy) else { continue }
        try run.journal.write(.rolledBack(method: method))
        let state = try provenBackup(by: method)
        tellSaved()
        return state
      } catch  where error.kind == .changedMeanwhile {
        // No other method keeps what they write.
        throw BelayError(.notRolledBack, error.message, hint: error.hint, causes: failures)
      } catch {
        failures.append("\(method.words): \(error.message)" + (error.causes.first.map { " (\($0))" } ?? ""))
        context.log(.warning, "this rollback method failed: \(method.words): \(error.message)")
      }
    }
    throw BelayError(.notRolledBack, "no rollback method worked", causes: failures)
  }

  /// Where the engine keeps others out of a transaction, loading the rows loses nothing that they write, and restoring the
  /// dump in place may.
  private var methods: [RollbackMethod] {
    guard run.connection.traits.isExclusive, run.connection.traits.hasTransactions else {
      return RollbackMethod.restoring
    }
    return RollbackMethod.restoring.filter { $0 != .native } + [.native]
  }

  /// - Returns: false where the driver or the archive has not what the method needs.
  private func take(_ method: RollbackMethod, _ proven: ProvenCopy?) throws(BelayError) -> Bool {
    let archive = reader.manifest.id
    let loader = ArchiveLoader(context: context, reader: reader, stoppable: false)
    switch method {
    case .transaction, .added, .rewind:
      return false
    case .scratch:
      guard run.connection.canPromote else { return false }
      let copy: ProvenCopy
      if let proven { copy = proven } else { copy = try restoredCopy() }
      defer { copy.scratch.drop() }
      try run.journal.write(.rollingBack(method: method, archive: archive))
      try copy.scratch.promote(reader)
    case .native:
      guard let native = loader.nativeMember(for: run.connection) else { return false }
      try Verification(context: context).verifyContents(reader, stoppable: false)
      try agreeToLosses(by: method)
      try saveWhatIsNew()
      try run.journal.write(.rollingBack(method: method, archive: archive))
      try loader.loadNative(native, into: run.connection)
    case .rows:
      guard loader.holdsAllRows else { return false }
      try Verification(context: context).verifyContents(reader, stoppable: false)
      try agreeToLosses(by: method)
      try replaceRows(by: loader)
    }
    return true
  }

  private func restoredCopy() throws(BelayError) -> ProvenCopy {
    let kept = Set(PreviousDatabase.kept(in: Journal.readable(run.journal.path)).map(\.name))
    let name = (1...kept.count + 1).lazy.map { ScratchName.back(of: run.id, attempt: $0) }.first { !kept.contains($0) }
    return try Verification(context: context).restoreIntoScratch(
      reader, name: name ?? ScratchName.back(of: run.id), access: run.access, target: run.connection,
      journal: run.journal,
      scratchFolder: run.scratchFolder, stoppable: false, orOfRows: true)
  }

  /// Rows that others wrote since the backup, and that this rollback loses: named before they are lost.
  /// - Returns: what is there; nil where it cannot be read.
  private func tellLosses(
    known: DatabaseState?, agreed: Set<TableName> = []
  ) throws(BelayError) -> DatabaseState? {
    let present: DatabaseState
    do {
      present = try StateReader(context: context, what: "reading the current state", stoppable: false).read(
        run.connection)
    } catch {
      context.log(.warning, "the current state cannot be read, so it is not known which rows were written since")
      return nil
    }
    if let known,
      let change = present.differences(from: known).first(where: { !$0.isOfLock && !$0.isOfRows(in: agreed) })
    {
      throw BelayError(
        .changedMeanwhile, "somebody else changed \(target) after it was backed up: \(change.description)",
        hint: "check the plan again: \(run.undoCommand(reader.manifest.id))", state: "\(target) is untouched")
    }
    let differences = present.differences(from: try DatabaseState.recorded(in: reader))
    guard !differences.isEmpty else { return present }
    let section = Section("what the rollback undoes", differences.map(\.description))
    context.narrator.tell(.section(section))
    run.report.add(.losses(section.lines))
    return present
  }

  /// Schema equal, digests equal. Rows that differ where the schema is equal and the ledger is clean were written by
  /// others in the moment since; they are named, and not taken for a failure. Counters that have gone back are set first.
  /// - Parameters:
  ///   - othersMayAlter: the same holds for what the change cannot have touched of the schema; of all of it, if its reach
  ///     is not known.
  ///   - rewording: nil: what is expected was read from this very server.
  package func prove(
    _ connection: Connection, equals expected: DatabaseState, othersMayAlter: Bool = false, rewording: Rewording? = nil
  ) throws(BelayError) -> String {
    var state = try StateReader(context: context, what: "proving", stoppable: false).read(connection)
    let counters = try putBackCounters(in: &state, to: expected, connection)
    return try prove(state, equals: expected, othersMayAlter: othersMayAlter, rewording: rewording)
      + counters.map { "; \($0)" }.joined()
  }

  package func prove(
    _ state: DatabaseState, equals expected: DatabaseState, othersMayAlter: Bool = false, rewording: Rewording? = nil
  ) throws(BelayError) -> String {
    let differences = state.differences(from: expected).filter { !$0.isOfLock && rewording?.explains($0) != true }
    let schema = differences.filter(\.isSchema)
    let own = othersMayAlter ? schema.filter { reach?.contains($0) ?? false } : schema
    guard own.isEmpty else {
      throw BelayError(.notRolledBack, "the schema is not as it was", causes: own.prefix(10).map(\.description))
    }
    let engines = differences.filter { $0.isOfInternal(state.catalog) } + state.countersMoved(since: expected)
    let others = differences.filter { !$0.isOfInternal(state.catalog) }
    run.report.add(
      .proof(
        ProofRecord(
          isSchemaEqual: schema.isEmpty,
          equalTables: state.tables.count - engines.count - others.count { !$0.isSchema },
          tables: state.tables.count, byOthers: others.map(\.description), byEngine: engines.map(\.description))))
    let kept = engines.map { "; the engine has kept \($0.description)" }.joined()
    guard !others.isEmpty else {
      return
        (kept.isEmpty
        ? "schema and \(Counted.all(state.tables.count, "table")) are as before" : "schema and rows are as before")
        + kept
    }
    let names = others.map(\.description).joined(separator: "; ")
    guard schema.isEmpty else { return "nothing of the run is in it; changed by others since: \(names)" + kept }
    return "the schema is as before; written by others since: \(names)" + kept
  }
}
