import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore
import Foundation

/// Runs a plan on one database - the scratch copy or the target - and checks the result, inside the transaction where
/// there is one, before COMMIT.
///
/// On failure the open transaction is rolled back by the engine; groups committed before stay, and `Failure` says so.
package struct Change {
  package let context: RunContext
  package let runID: String
  package let plan: MigrationPlan
  /// Opens a connection to the database. Each group gets its own: what a file sets must not reach the next.
  package let open: () throws(BelayError) -> Connection
  /// A connection that Ctrl+C does not stop, to find out what became of a COMMIT; nil on the scratch copy.
  package var reopen: (() throws(BelayError) -> Connection)?
  /// nil on the scratch copy.
  package let journal: Journal?
  /// The same files have run on the scratch copy, and were judged there one by one. Else the state is read between
  /// files here, so that one file's statements do not excuse another's collateral.
  package let isRehearsed: Bool
  package let allowLoss: Set<String>
  /// What a database was found to be before anything was done to it: need not be found out again where it is still so.
  package struct Baseline: Sendable {
    package let state: DatabaseState
    package let judgement: Judgement
  }
  /// Where `open` leads to a database that nobody else writes: its state, known already.
  var knownState: DatabaseState?
  /// Of a database that may be equal to this one.
  package var knownBaseline: Baseline?
  /// The schema that each group left behind in the rehearsal.
  package var expectedCatalogs: [Catalog] = []

  /// Called inside the first transaction, before any statement, with the state there.
  package var beforeFirst: ((DatabaseState) throws(BelayError) -> Void)?
  package var outcome = Outcome()
  /// The failure that made the engine give up the transaction: it may be tried again.
  var conflict: DriverError?
  /// Of the configured queries, before anything was done.
  var plansBefore: [QueryPlan]?
  /// Of the group that runs.
  var watch = GroupWatch()
  package let said: DriverLines

  package struct Outcome: Sendable {
    package var deltas: [TableDelta] = []
    package var findings: [Finding] = []
    var timings: [(file: String, seconds: Double)] = []
    /// Those that took a while, in their order.
    var slowStatements: [(place: String, seconds: Double)] = []
    /// What each group was seen to hold and do.
    package var observations: [GroupObservation] = []
    package var committedGroups = 0
    /// Before the first statement; nil: no statement has run.
    package var before: DatabaseState?
    package var baseline: Baseline?
    package var after: DatabaseState?
    /// The schema that each group left behind.
    package var catalogs: [Catalog] = []
  }

  package init(
    context: RunContext, runID: String, plan: MigrationPlan, journal: Journal?, isRehearsed: Bool,
    allowLoss: Set<String>, open: @escaping () throws(BelayError) -> Connection
  ) {
    self.context = context
    self.runID = runID
    self.plan = plan
    self.journal = journal
    self.isRehearsed = isRehearsed
    self.allowLoss = allowLoss
    self.open = open
    said = DriverLines(narrator: context.narrator, prefix: journal == nil ? "rehearsal: " : "")
  }

  package var ledger: Ledger { plan.ledger }
  var isOnTarget: Bool { journal != nil }
  var ownTables: Set<String> { ledger.tables.union([Connection.lockTable]) }

  /// How often a transaction is begun again that the engine gave up to let another go on.
  private static let mostRetries = 3

  package mutating func run() throws(BelayError) {
    for (index, group) in plan.groups.enumerated() {
      var retries = 0
      while true {
        let reached = outcome
        conflict = nil
        do {
          try attempt(group, index: index)
          break
        } catch {
          guard group.transactional, let conflict, retries < Self.mostRetries, !context.cancellation.isCancelled else {
            throw error
          }
          retries += 1
          context.log(
            .notice,
            "the engine gave the transaction up (\(conflict.message)); trying again, \(retries) of "
              + "\(Self.mostRetries)")
          // Where the next try cannot even begin, the way back still proves that nothing is left of this one.
          let before = outcome.before
          outcome = reached
          outcome.before = before
        }
      }
      outcome.committedGroups = index + 1
    }
  }

  private mutating func attempt(_ group: MigrationGroup, index: Int) throws(BelayError) {
    let connection = try open()
    defer { connection.close() }
    try journal?.write(
      .applying(group: index, of: plan.groups.count, files: group.names, transactional: group.transactional))
    try run(group, index: index, on: connection)
  }

  // MARK: One group

  private mutating func run(_ group: MigrationGroup, index: Int, on connection: Connection) throws(BelayError) {
    let isLast = index == plan.groups.count - 1
    if isOnTarget { context.phase(.apply, group.names.joined(separator: ", ")) }
    do {
      // Outside the transaction, which some engines end where a query has no plan.
      if index == 0 { plansBefore = try planWatch.take(on: connection) }
      for statement in group.opening {
        try execute(statement, of: group.files[0], transactional: false, on: connection)
      }
      if group.transactional { try begin(connection) }
      try watchBegins(group, on: connection)
      let before: DatabaseState
      if index == 0, let knownState {
        before = knownState
      } else {
        before = try stateBefore(group, on: connection)
      }
      if index == 0 {
        if let beforeFirst { try beforeFirst(before) }
        outcome.before = before
      }
      if outcome.baseline == nil { outcome.baseline = try baseline(of: before, on: connection) }
      let after = try runFiles(of: group, index: index, from: before, on: connection)
      outcome.after = after
      outcome.catalogs.append(after.catalog)
      if isOnTarget { context.phase(.check) }
      let began = ContinuousClock.now
      try checkSchema(after.catalog, index: index)
      if let baseline = outcome.baseline?.judgement {
        let now = try Judgement.take(context: context, connection: connection, when: { $0 != .before })
        try refuse(now.newFindings(since: baseline), kind: .checkFailed, what: "a check failed after the migration")
      }
      if isLast { try checkPlans(after, on: connection) }
      watch.seconds += (ContinuousClock.now - began).seconds
      try watchEnds(group, from: before, on: connection)
      try context.checkCancelled()
      if group.transactional {
        if isOnTarget { context.phase(.commit, "\(group.names.count) file\(group.names.count == 1 ? "" : "s")") }
        try journal?.write(.committing(group: index))
        try commit(group, on: connection)
        noteCommitted(index)
      } else {
        try journal?.write(.committed(group: index))
        if isLast { try journal?.write(.checked) }
      }
    } catch {
      if group.transactional { rollBack(connection) }
      throw error
    }
  }

  /// Others wait for the transaction meanwhile: what the rehearsal found in equal rows is not looked for again.
  private func baseline(of state: DatabaseState, on connection: Connection) throws(BelayError) -> Baseline {
    if let knownBaseline, state.differences(from: knownBaseline.state).isEmpty { return knownBaseline }
    return Baseline(
      state: state,
      judgement: try Judgement.take(context: context, connection: connection, when: { $0 != .after }))
  }

  // MARK: Transaction

  /// Others may hold the lock for a moment: try again until the lock timeout has passed.
  private mutating func begin(_ connection: Connection) throws(BelayError) {
    do {
      try lockWait(nil, inTransaction: false).call("BEGIN") { () throws(DriverError) in
        _ = try connection.execute(connection.traits.begin, operation: context.stoppable())
      }
    } catch {
      if error.code == .cancelled || context.cancellation.isCancelled { throw context.interruption() }
      throw BelayError(error, doing: "cannot begin the transaction", kind: .migrationFailed)
    }
  }

  private mutating func commit(_ group: MigrationGroup, on connection: Connection) throws(BelayError) {
    do {
      _ = try connection.execute(connection.traits.commit, operation: context.unstoppable())
    } catch  where error.outcome == .unknown || error.outcome == .partial {
      try settle(error, group)
    } catch {
      noteConflict(error)
      throw BelayError(error, doing: "COMMIT was refused", kind: .migrationFailed)
    }
  }

  /// The connection failed during COMMIT. Returns where it took effect all the same: all checks had passed before.
  /// - Throws: `.outcomeUnknown` where that cannot be found out.
  private mutating func settle(_ failure: DriverError, _ group: MigrationGroup) throws(BelayError) {
    let what = "the connection failed during COMMIT"
    guard let reopen else { throw BelayError(failure, doing: what, kind: .migrationFailed) }
    let lost = LostCommit(
      context: context, runID: runID, ledger: context.settings.migrations.ledger, files: group.names,
      open: reopen)
    let tookEffect: Bool
    do {
      tookEffect = try lost.tookEffect()
    } catch {
      var error = error
      error.message = "\(what), and whether it took effect is not known: \(error.message)"
      error.kind = .outcomeUnknown
      error.causes.insert(failure.message, at: 0)
      throw error
    }
    guard tookEffect else {
      var error = BelayError(failure, doing: what, kind: .migrationFailed)
      error.state = nil
      throw error
    }
    outcome.findings.append(
      Finding(
        .warning, source: "commit", rule: "lost-answer", subject: group.names.joined(separator: ", "),
        message: "\(what), and the ledger says that it took effect: \(failure.message)"))
  }

  /// What is committed is no failure because a full disk cannot hold the line that says so: the ledger says it too, and
  /// recovery asks the ledger.
  private func noteCommitted(_ group: Int) {
    do { try journal?.write(.committed(group: group)) } catch { context.log(.warning, error.message) }
  }

  /// The engine may have rolled back by itself already; what counts is proven afterwards.
  private func rollBack(_ connection: Connection) {
    do {
      _ = try connection.execute(connection.traits.rollback, operation: context.unstoppable())
    } catch {
      context.log(.debug, "ROLLBACK: \(error.message)")
    }
  }
}

extension Change.Outcome {
  package var lines: [String] {
    TableDelta.lines(deltas) + findings.map(\.line) + timingLines + observations.flatMap(\.lines)
  }

  /// Files, and within them the statements that took longest.
  package var timingLines: [String] {
    let slowest = slowStatements.sorted { $0.seconds > $1.seconds }.prefix(10)
    return timings.map { "\($0.file): \(String(format: "%.2f", $0.seconds)) s" }
      + (slowStatements.count > 1 ? slowest.map { "  \($0.place): \(String(format: "%.2f", $0.seconds)) s" } : [])
  }
}
