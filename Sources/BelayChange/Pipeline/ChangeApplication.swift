import BelayArchive
import BelayBase
import BelayChecks
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import Foundation

/// Carries a plan out on one database - the restored copy or the target - and checks the result, inside the transaction
/// where there is one, before COMMIT. Used by one thread.
///
/// On failure the engine rolls the open transaction back, and steps committed before stay: `effect(of:)` says so.
package final class ChangeApplication {
  /// What a database was found to be before anything was done to it: need not be found out again where it is still so.
  package struct Baseline: Sendable {
    package let state: DatabaseState
    package let judgement: CheckState
  }

  let context: RunContext
  let runID: String
  let plan: ChangePlan
  /// Of the database.
  let url: String
  /// Opens a connection to the database. Each step gets its own: what a part sets must not reach the next step.
  let open: () throws(BelayError) -> Connection
  /// A connection that Ctrl+C does not stop, to find out what became of a COMMIT; nil on the scratch copy.
  var reopen: (() throws(BelayError) -> Connection)?
  /// nil on the scratch copy.
  let journal: Journal?
  /// What the rehearsal saw; nil: there was none. Its parts were judged there one by one. Else the state is read between
  /// parts here, so that the statements of one do not excuse the collateral of another.
  let rehearsal: Outcome?
  let allowLoss: Set<String>
  /// Where `open` leads to a database that nobody else writes: its state, known already.
  var knownState: DatabaseState?
  /// What the database is a copy of, or was backed up as; nil: rows are not to be compared with it.
  var backup: ArchiveReader?
  /// What the target held when it was backed up. Where the engine tells what a transaction does, its rows are not read again:
  /// others would wait for that.
  var backedUp: DatabaseState?
  /// What the target holds after the steps that are done, as far as it is known; nil: none is done.
  var reached: DatabaseState?
  /// Called inside the first transaction, before any statement, with the state there.
  var beforeFirst: ((DatabaseState) throws(BelayError) -> Void)?
  let said: DriverLines

  var outcome = Outcome()
  /// Of the configured queries, before anything was done.
  var plansBefore: [QueryPlan]?
  /// Of the step that runs.
  var watch = StepWatch()
  /// Since when the transaction that runs may hold locks that others wait for; nil: it holds none yet.
  var lockedSince: ContinuousClock.Instant?
  /// The engine tells what the transaction does, and nobody has found it wrong.
  var isJudgedByFootprint = false
  /// Rows that the statements of the running step write which have taken effect by themselves; nil: its parts do not tell.
  var effects: [RowWriting]?

  package struct Outcome: Sendable {
    /// What the report says of it.
    var record = ChangeRecord()
    var committedSteps = 0
    /// Before the first statement; nil: no statement has run.
    var before: DatabaseState?
    var baseline: Baseline?
    /// The schema that each step left behind.
    var catalogs: [Catalog] = []
    /// See `ChangeApplication.changedNothing`.
    var changedNothing = false
    /// Tables that the transactions have made anew: of these the numbers of rows are not told by counts.
    var rewritten: Set<TableName> = []
    /// Tables that they have written at all.
    var written: Set<TableName> = []
    /// What steps that take effect as they go have done outside the database: nothing takes it back.
    var outside: [String] = []
  }

  init(
    context: RunContext, runID: String, plan: ChangePlan, url: String, journal: Journal?, rehearsal: Outcome?,
    allowLoss: Set<String>, open: @escaping () throws(BelayError) -> Connection
  ) {
    self.context = context
    self.runID = runID
    self.plan = plan
    self.url = url
    self.journal = journal
    self.rehearsal = rehearsal
    self.allowLoss = allowLoss
    self.open = open
    said = DriverLines(narrator: context.narrator, prefix: journal == nil ? "rehearsal: " : "")
  }

  var isOnTarget: Bool { journal != nil }
  var isRehearsed: Bool { rehearsal != nil }
  var ownTables: OwnTables { plan.ledgers.union([Connection.lockTable]) }

  /// How often a transaction is begun again that could not go on beside others.
  private static let mostRetries = 3

  func run() throws(BelayError) {
    for (index, step) in plan.steps.enumerated() {
      var retries = 0
      while true {
        let reached = outcome
        do {
          try attempt(step, index: index)
          break
        } catch {
          guard step.isTransaction, error.mayBeTriedAgain, retries < Self.mostRetries,
            !context.cancellation.isCancelled
          else { throw error }
          retries += 1
          context.log(
            .notice,
            "the transaction could not go on beside others "
              + "(\(([error.message] + error.causes.prefix(1)).joined(separator: ": "))); trying again, "
              + "\(retries) of \(Self.mostRetries)")
          // Keep this state: if the retry cannot start, rollback must still prove that this attempt left nothing.
          let before = outcome.before
          outcome = reached
          outcome.before = before
        }
      }
      outcome.committedSteps = index + 1
    }
  }

  /// Nothing in the database is other than before.
  var changedNothing: Bool {
    guard let reached, let before = outcome.before else { return false }
    return reached.differences(from: before).isEmpty
      && Set(reached.tables.keys).isSubset(of: before.tables.keys)
  }

  /// What a run that failed has left in the database.
  func effect(of failure: BelayError) -> Effect {
    if failure.kind == .outcomeUnknown { return .unknown }
    guard outcome.before != nil else { return .nothing }
    let committed = outcome.committedSteps
    guard plan.steps.indices.contains(committed) else { return .committed }
    let step = plan.steps[committed]
    if committed == 0, step.isTransaction { return .undone }
    let deltas = rehearsal?.record.deltas
    let wroteBefore = plan.steps[..<committed].contains { $0.mayWriteRows(rehearsed: deltas) }
    // What was in a transaction is rolled back.
    let wroteNow =
      !step.isTransaction
      && (effects.map { $0.mayWriteRows(rehearsed: deltas) } ?? step.mayWriteRows(rehearsed: deltas))
    let writings =
      plan.steps[..<committed].flatMap(\.parts).map(\.rows)
      + (step.isTransaction ? [] : effects ?? step.parts.map(\.rows))
    return .partial(
      Effect.Partial(committedSteps: committed, mayWriteRows: wroteBefore || wroteNow, tables: writings.tables))
  }

  private func attempt(_ step: ChangeStep, index: Int) throws(BelayError) {
    let connection = try open()
    defer { connection.close() }
    try journal?.write(
      .applying(
        step: index, of: plan.steps.count, parts: step.names, transactional: step.isTransaction,
        receipts: plan.receipts?.table))
    effects = nil
    if !step.mayWriteRows(rehearsed: rehearsal?.record.deltas) {
      try journal?.write(.wroteNoRows(step: index))
    } else if let tables = step.parts.map(\.rows).tables {
      try journal?.write(.writesOnly(step: index, tables: tables.sorted()))
    }
    try run(step, index: index, on: connection)
  }

  // MARK: One step

  private func run(_ step: ChangeStep, index: Int, on connection: Connection) throws(BelayError) {
    let isLast = index == plan.steps.count - 1
    let stage = Stage(
      application: self, step: index, isTransaction: step.isTransaction, connection: connection, url: url)
    if isOnTarget { context.phase(.apply, step.names.joined(separator: ", ")) }
    do {
      // Outside the transaction, which some engines end where a query has no plan.
      if index == 0 { plansBefore = try planWatch.take(on: connection) }
      try step.parts.first?.runBeforeTransaction(on: stage)
      lockedSince = nil
      if step.isTransaction { try begin(stage) }
      if step.isTransaction, connection.traits.isExclusive { lockTimeBegins() }
      try watchBegins(step, on: connection)
      try watchSurroundings(step, on: connection)
      let before: DatabaseState
      if index == 0, let knownState {
        before = knownState
      } else {
        before = try stateBefore(step, on: connection)
      }
      if index == 0 {
        if let beforeFirst { try beforeFirst(before) }
        outcome.before = before
      }
      if outcome.baseline == nil { outcome.baseline = try baseline(of: before, on: connection) }
      let after = try runParts(of: step, from: before, on: stage)
      reached = after
      outcome.changedNothing = changedNothing
      outcome.catalogs.append(after.catalog)
      if isOnTarget { context.phase(.check) }
      let began = ContinuousClock.now
      var checksSeconds = 0.0
      try checkSchema(after.catalog, index: index)
      if rehearsal != nil { validated("schema", "as in the rehearsal") }
      if let baseline = outcome.baseline?.judgement {
        let now = try CheckState.take(
          context: context, connection: connection, backup: lastBackup(of: connection), onlyFootprint: isUnread,
          when: { ![.before, .never].contains($0) })
        note(now.checks)
        checksSeconds = now.checks.reduce(0) { $0 + $1.duration.seconds }
        try refuse(
          now.newFindings(
            since: baseline, objects: Set(after.catalog.objects.map(\.name)),
            unfinished: Set(before.catalog.objects.filter(\.isInNoCopy).map { "\($0.schema).\($0.name)" })),
          kind: .checkFailed, what: "a check failed after the \(plan.noun)")
        if now.integrityKnown { validated("foreign keys and integrity", "nothing new is wrong") }
      }
      if isLast { try checkPlans(after, on: connection) }
      if isLast, !planWatch.isEmpty, plansBefore != nil { validated("query plans", "none is worse than before") }
      // The copy is looked at more closely than the target will be: of that, others wait for the checks of belay.yaml alone.
      watch.seconds += isOnTarget ? (ContinuousClock.now - began).seconds : checksSeconds
      try watchEnds(step, from: before, on: connection)
      try checkSurroundings(step, on: connection)
      try context.checkCancelled()
      if step.isTransaction {
        if isOnTarget { context.phase(.commit, plan.count(of: step.parts)) }
        try checkLockTime()
        try journal?.write(.committing(step: index))
        try commit(step, on: connection)
        watchEnded(step, from: before, on: connection)
        noteCommitted(index)
      } else {
        watchEnded(step, from: before, on: connection)
        try journal?.write(.committed(step: index))
        if isLast { try journal?.write(.checked) }
      }
    } catch {
      if step.isTransaction { rollBack(connection) } else { noteSurroundings(on: connection) }
      throw error
    }
  }

  private func runParts(
    of step: ChangeStep, from before: DatabaseState, on stage: Stage
  ) throws(BelayError) -> DatabaseState {
    let connection = stage.connection
    try step.parts.first?.prepare(on: stage)
    var reached = before
    var unjudged: [any ChangePart] = []
    for (position, part) in step.parts.enumerated() {
      let rowsBefore = try expectedRows(part, on: connection)
      watch.intent = part.intent
      watch.tables = reached.catalog.tables
      try part.run(on: stage)
      try checkExpectations(of: part, rowsBefore, on: connection)
      if !part.expectations.isEmpty { validated("rows that \(part.name) expects", "as many as it expects") }
      unjudged.append(part)
      let isLast = position == step.parts.count - 1
      guard !isRehearsed || isLast else { continue }
      let (now, evidence) = try stateAfter(part, since: reached, isLast: isLast, on: connection)
      try judge(
        from: reached, to: now, parts: unjudged, evidence: evidence, transactional: step.isTransaction,
        on: connection)
      validated("contract", "\(unjudged.map(\.name).joined(separator: ", ")): nothing beyond what it says")
      reached = now
      unjudged = []
    }
    return reached
  }

  /// Others wait for the transaction meanwhile: what the rehearsal found in equal rows is not looked for again.
  private func baseline(of state: DatabaseState, on connection: Connection) throws(BelayError) -> Baseline {
    if let known = rehearsal?.baseline {
      if isUnread {
        let checks = try CheckRunner(context: context, definitions: context.settings.checks)
          .run(
            on: CheckSubject(connection, backup: lastBackup(of: connection)), when: { ![.after, .never].contains($0) })
        let judgement = CheckState(
          checks: checks, integrity: known.judgement.integrity, integrityKnown: known.judgement.integrityKnown)
        return Baseline(state: state, judgement: judgement)
      }
      if state.differences(from: known.state).isEmpty { return known }
    }
    return Baseline(
      state: state,
      judgement: try CheckState.take(
        context: context, connection: connection, backup: lastBackup(of: connection),
        when: { ![.after, .never].contains($0) }))
  }

  /// The run's own, where it has made or used one.
  private func lastBackup(of connection: Connection) -> LastBackup {
    if let backup { return .taken(backup.manifest) }
    if let backedUp { return .taken(rows: backedUp.tables.mapValues(\.rows), archive: "the backup of this run") }
    return .newest(context.store, identity: connection.traits.identity, keys: context.keys)
  }

  // MARK: Transaction

  /// Others may hold the lock for a moment: try again until the lock timeout has passed.
  private func begin(_ stage: Stage) throws(BelayError) {
    try stage.call(
      "BEGIN", inTransaction: false,
      failure: { BelayError($0, doing: "cannot begin the transaction", kind: .migrationFailed) }
    ) { () throws(DriverError) in
      _ = try stage.connection.execute(stage.connection.traits.begin, operation: context.stoppable())
    }
  }

  private func commit(_ step: ChangeStep, on connection: Connection) throws(BelayError) {
    do {
      _ = try connection.execute(connection.traits.commit, operation: context.unstoppable())
    } catch  where error.outcome == .unknown || error.outcome == .partial {
      try settle(error, step)
    } catch {
      var failure = BelayError(error, doing: "COMMIT was refused", kind: .migrationFailed)
      failure.mayBeTriedAgain = error.wasOnlyBusy && error.endsTransaction
      throw failure
    }
  }

  /// The connection failed during COMMIT. Returns where it took effect all the same: all checks had passed before.
  /// - Throws: `.outcomeUnknown` where that cannot be found out.
  private func settle(_ failure: DriverError, _ step: ChangeStep) throws(BelayError) {
    let what = "the connection failed during COMMIT"
    guard let reopen else { throw BelayError(failure, doing: what, kind: .migrationFailed) }
    let lost = LostCommit(
      context: context, runID: runID, receipts: plan.receipts, parts: step.names, open: reopen)
    let tookEffect: Bool
    do {
      tookEffect = try lost.tookEffect()
    } catch {
      var error = error
      error.message = "\(what), and it is not known whether it took effect: \(error.message)"
      error.kind = .outcomeUnknown
      error.causes.insert(failure.message, at: 0)
      throw error
    }
    guard tookEffect else {
      var error = BelayError(failure, doing: what, kind: .migrationFailed)
      error.state = nil
      throw error
    }
    outcome.record.findings.append(
      Finding(
        .warning, source: "commit", rule: "lost-answer", subject: step.names.joined(separator: ", "),
        message: "\(what), but the ledger says that it took effect: \(failure.message)"))
  }

  /// What is committed is no failure because a full disk cannot hold the line that says so: the ledger says it too, and
  /// recovery asks the ledger.
  private func noteCommitted(_ step: Int) {
    do { try journal?.write(.committed(step: step)) } catch { context.log(.warning, error.message) }
  }

  /// The engine may have rolled back already; the proof afterwards decides.
  private func rollBack(_ connection: Connection) {
    do {
      _ = try connection.execute(connection.traits.rollback, operation: context.unstoppable())
    } catch {
      context.log(.debug, "ROLLBACK: \(error.message)")
    }
  }
}

extension ChangeApplication {
  /// What the engine said meanwhile, if it said anything.
  func reportMessages(to report: ReportCollector) {
    let lines = said.lines
    if !lines.isEmpty { report.add(.engineMessages(lines, inRehearsal: !isOnTarget)) }
  }
}
