import BelayArchive
import BelayDrivers
import Foundation

/// Runs a plan on one database - the scratch copy or the target - and checks the result, inside the transaction where
/// there is one, before COMMIT.
///
/// On failure the open transaction is rolled back by the engine; groups committed before stay, and `Failure` says so.
struct Change {
  let context: RunContext
  let runID: String
  let plan: MigrationPlan
  /// Opens a connection to the database. Each group gets its own: what a file sets must not reach the next.
  let open: () throws(BelayError) -> Connection
  /// nil on the scratch copy.
  let journal: Journal?
  /// The same files have run on the scratch copy, and were judged there one by one. Else the state is read between
  /// files here, so that one file's statements do not excuse another's collateral.
  let isRehearsed: Bool
  let allowLoss: Set<String>
  /// What a database was found to be before anything was done to it: need not be found out again where it is still so.
  struct Baseline: Sendable {
    let state: DatabaseState
    let judgement: Judgement
  }
  /// Where `open` leads to a database that nobody else writes: its state, known already.
  var knownState: DatabaseState?
  /// Of a database that may be equal to this one.
  var knownBaseline: Baseline?

  /// Called inside the first transaction, before any statement, with the state there.
  var beforeFirst: ((DatabaseState) throws(BelayError) -> Void)?
  private(set) var outcome = Outcome()

  struct Outcome: Sendable {
    var deltas: [TableDelta] = []
    var findings: [Finding] = []
    var timings: [(file: String, seconds: Double)] = []
    var committedGroups = 0
    /// Before the first statement; nil: no statement has run.
    var before: DatabaseState?
    var baseline: Baseline?
    var after: DatabaseState?
  }

  init(
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
  }

  private var ledger: Ledger { Ledger(table: context.settings.migrations.ledger, context: context) }
  private var isOnTarget: Bool { journal != nil }

  mutating func run() throws(BelayError) {
    for (index, group) in plan.groups.enumerated() {
      let connection = try open()
      defer { connection.close() }
      try journal?.write(
        .applying(
          group: index, of: plan.groups.count, files: group.names, transactional: group.transactional))
      try run(group, index: index, on: connection)
      outcome.committedGroups = index + 1
    }
  }

  // MARK: One group

  private mutating func run(_ group: MigrationGroup, index: Int, on connection: Connection) throws(BelayError) {
    let isLast = index == plan.groups.count - 1
    if isOnTarget { context.phase(.apply, group.names.joined(separator: ", ")) }
    do {
      for statement in group.opening {
        try execute(statement, of: group.files[0], on: connection)
      }
      if group.transactional { try begin(connection) }
      let before: DatabaseState
      if index == 0, let knownState { before = knownState } else { before = try state(connection, "reading before") }
      if outcome.before == nil {
        if let beforeFirst { try beforeFirst(before) }
        outcome.before = before
      }
      if outcome.baseline == nil { outcome.baseline = try baseline(of: before, on: connection) }
      let after = try runFiles(of: group, index: index, from: before, on: connection)
      outcome.after = after
      if isOnTarget { context.phase(.check) }
      if let baseline = outcome.baseline?.judgement {
        let now = try Judgement.take(context: context, connection: connection, when: { $0 != .before })
        try refuse(now.newFindings(since: baseline), status: .checkFailed, what: "a check failed after the migration")
      }
      try context.checkCancelled()
      if group.transactional {
        if isOnTarget { context.phase(.commit, "\(group.names.count) file\(group.names.count == 1 ? "" : "s")") }
        try journal?.write(.committing(group: index))
        try commit(connection)
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

  private mutating func runFiles(
    of group: MigrationGroup, index: Int, from before: DatabaseState, on connection: Connection
  ) throws(BelayError) -> DatabaseState {
    do {
      try ledger.create(connection)
    } catch {
      throw BelayError(error, doing: "cannot make the ledger \(ledger.table)", status: .migrationFailed)
    }
    var reached = before
    var unjudged: [PlannedFile] = []
    for (position, file) in group.files.enumerated() {
      let rowsBefore = try expectedRows(file, on: connection)
      try run(file, group: index, transactional: group.transactional, on: connection)
      try hold(file, to: rowsBefore, on: connection)
      unjudged.append(file)
      guard !isRehearsed || position == group.files.count - 1 else { continue }
      let now = try state(connection, "reading after \(file.file.name)")
      try judge(from: reached, to: now, files: unjudged, othersMayWrite: !group.transactional)
      reached = now
      unjudged = []
    }
    return reached
  }

  private mutating func run(_ file: PlannedFile, group: Int, transactional: Bool, on connection: Connection)
    throws(BelayError)
  {
    let began = ContinuousClock.now
    for (number, statement) in file.statements.enumerated() {
      try context.checkCancelled()
      if !transactional { try journal?.write(.statement(group: group, file: file.file.name, index: number)) }
      context.narrator.tell(
        .progress(
          Progress(
            what: file.file.name, done: UInt64(number), total: UInt64(file.statements.count), unit: .steps)))
      try execute(statement, of: file, on: connection)
    }
    context.narrator.tell(
      .progress(
        Progress(
          what: file.file.name, done: UInt64(file.statements.count), total: UInt64(file.statements.count),
          unit: .steps)))
    let taken = ContinuousClock.now - began
    outcome.timings.append((file.file.name, taken.seconds))
    do {
      try ledger.record(file.file, run: runID, milliseconds: Int(taken.seconds * 1000), on: connection)
    } catch {
      throw BelayError(error, doing: "cannot record \(file.file.name) in the ledger", status: .migrationFailed)
    }
  }

  private func execute(_ statement: Statement, of file: PlannedFile, on connection: Connection) throws(BelayError) {
    do {
      _ = try connection.execute(statement.sql, operation: context.statementOperation(file.file.name))
    } catch {
      if error.code == .cancelled || context.cancellation.isCancelled { throw context.interruption() }
      throw StatementFailure(error: error, statement: statement, file: file.file).belayError
    }
  }

  // MARK: Transaction

  /// Others may hold the lock for a moment: try again until the lock timeout has passed.
  private func begin(_ connection: Connection) throws(BelayError) {
    let deadline = ContinuousClock.now + .seconds(context.settings.migrations.lockTimeoutSeconds)
    while true {
      do {
        _ = try connection.execute(connection.traits.begin, operation: context.stoppable())
        return
      } catch  where error.code == .busy && ContinuousClock.now < deadline {
        try context.checkCancelled()
        Thread.sleep(forTimeInterval: 0.1)
      } catch {
        throw BelayError(error, doing: "cannot begin the transaction", status: .migrationFailed)
      }
    }
  }

  private func commit(_ connection: Connection) throws(BelayError) {
    do {
      _ = try connection.execute(connection.traits.commit, operation: context.unstoppable())
    } catch  where error.outcome == .unknown || error.outcome == .partial {
      throw BelayError(
        error, doing: "the connection failed during COMMIT", status: .notRolledBack,
        state: "whether the migration was committed is not known yet")
    } catch {
      throw BelayError(error, doing: "COMMIT was refused", status: .migrationFailed)
    }
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

  // MARK: Judging

  private func state(_ connection: Connection, _ what: String) throws(BelayError) -> DatabaseState {
    try StateReader(context: context, what: what).read(connection)
  }

  /// - Parameter othersMayWrite: no transaction keeps them off. What the rehearsal, alone on its copy, did not do to the
  ///   rows is theirs then: going back for it would lose what they wrote.
  private mutating func judge(
    from before: DatabaseState, to after: DatabaseState, files: [PlannedFile], othersMayWrite: Bool
  ) throws(BelayError) {
    let contract = Contract(
      mode: context.settings.contract, ownTables: [ledger.table, Connection.lockTable], allowLoss: allowLoss)
    var verdict = contract.judge(before: before, after: after, files: files)
    if othersMayWrite, isRehearsed { verdict.excuseOthers() }
    outcome.deltas += verdict.deltas
    let names = files.map(\.file.name).joined(separator: ", ")
    try refuse(verdict.findings, status: .checkFailed, what: "\(names) breaks the contract")
  }

  private mutating func refuse(_ findings: [Finding], status: ExitStatus, what: String) throws(BelayError) {
    outcome.findings += findings
    let errors = findings.filter { $0.severity == .error }
    guard let first = errors.first else { return }
    throw BelayError(
      status, errors.count == 1 ? "\(what): \(first.subject) \(first.message)" : "\(what), \(errors.count) times",
      hint: first.hint, causes: errors.count == 1 ? [] : errors.map { "\($0.subject): \($0.message)" })
  }

  // MARK: Expectations of directives

  private func expectedRows(_ file: PlannedFile, on connection: Connection) throws(BelayError) -> [String: UInt64] {
    var rows: [String: UInt64] = [:]
    for expectation in file.file.directives.expectations where expectation.fromBefore {
      rows[expectation.table] = try count(expectation.table, on: connection)
    }
    return rows
  }

  private func hold(_ file: PlannedFile, to before: [String: UInt64], on connection: Connection) throws(BelayError) {
    for expectation in file.file.directives.expectations {
      let now = try count(expectation.table, on: connection)
      guard !expectation.holds(before: before[expectation.table] ?? 0, after: now) else { continue }
      throw BelayError(
        .checkFailed, "\(file.file.name) expects \(expectation.description), and there are \(now)",
        causes: expectation.fromBefore ? ["before: \(before[expectation.table] ?? 0) rows"] : [])
    }
  }

  private func count(_ table: String, on connection: Connection) throws(BelayError) -> UInt64 {
    do {
      let values = try connection.values(
        "SELECT count(*) FROM \(connection.traits.quoted(table))", operation: context.stoppable())
      guard case .integer(let count)? = values.first?.first else { return 0 }
      return UInt64(max(0, count))
    } catch {
      throw BelayError(error, doing: "cannot count the rows of \(table)", status: .checkFailed)
    }
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
