import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore
import Foundation

/// The files of a group, statement by statement.
extension Change {
  mutating func runFiles(
    of group: MigrationGroup, index: Int, from before: DatabaseState, on connection: Connection
  ) throws(BelayError) -> DatabaseState {
    if !group.isOneCall {
      try inLedger(group.files[0], "cannot make the ledger \(ledger.table)", group.transactional) {
        (ledger) throws(DriverError) in try ledger.create(connection)
      }
    }
    var reached = before
    var unjudged: [PlannedFile] = []
    for (position, file) in group.files.enumerated() {
      let rowsBefore = try expectedRows(file, on: connection)
      if group.isOneCall {
        try runAsOneCall(file, group: index, on: connection)
      } else {
        try run(file, group: index, transactional: group.transactional, on: connection)
      }
      try hold(file, to: rowsBefore, on: connection)
      unjudged.append(file)
      let isLast = position == group.files.count - 1
      guard !isRehearsed || isLast else { continue }
      let (now, evidence) = try stateAfter(file, since: reached, isLast: isLast, on: connection)
      try judge(
        from: reached, to: now, files: unjudged, evidence: evidence, transactional: group.transactional,
        isExclusive: connection.traits.isExclusive)
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
      tellProgress(file, number)
      try execute(statement, of: file, transactional: transactional, on: connection)
    }
    tellProgress(file, file.statements.count)
    let taken = ContinuousClock.now - began
    outcome.timings.append((file.file.name, taken.seconds))
    let (runID, milliseconds) = (runID, Int(taken.seconds * 1000))
    try inLedger(file, "cannot record \(file.file.name) in the ledger", transactional) {
      (ledger) throws(DriverError) in
      try ledger.record(file.file, run: runID, milliseconds: milliseconds, on: connection)
    }
  }

  func tellProgress(_ file: PlannedFile, _ done: Int) {
    context.narrator.tell(
      .progress(
        ProgressUpdate(what: file.file.name, done: UInt64(done), total: UInt64(file.statements.count), unit: .steps)))
  }

  package mutating func execute(
    _ statement: Statement, of file: PlannedFile, transactional: Bool, on connection: Connection
  ) throws(BelayError) {
    let place = "\(file.file.name), line \(statement.line)"
    let limit = file.file.directives.statementTimeoutSeconds ?? context.settings.migrations.statementTimeoutSeconds
    let said = said
    let began = ContinuousClock.now
    do {
      try lockWait(file, inTransaction: transactional).call(place) { () throws(DriverError) in
        let operation = context.statementOperation(file.file.name, seconds: limit) { said.take($0, at: place) }
        _ = try connection.execute(statement.sql, operation: operation)
      }
    } catch {
      if error.code == .cancelled || context.cancellation.isCancelled { throw context.interruption() }
      noteConflict(error)
      throw StatementFailure(error: error, statement: statement, file: file.file).belayError
    }
    let taken = (ContinuousClock.now - began).seconds
    if taken >= 0.1 { outcome.slowStatements.append((place, taken)) }
    try watchStatement(place, seconds: taken, on: connection)
  }

  /// belay's own writes wait for locks as the file's statements do.
  private mutating func inLedger(
    _ file: PlannedFile, _ doing: String, _ transactional: Bool, _ body: (Ledger) throws(DriverError) -> Void
  ) throws(BelayError) {
    let ledger = ledger
    do {
      try lockWait(file, inTransaction: transactional).call("the ledger \(ledger.table)") { () throws(DriverError) in
        try body(ledger)
      }
    } catch {
      if error.code == .cancelled || context.cancellation.isCancelled { throw context.interruption() }
      noteConflict(error)
      throw BelayError(error, doing: doing, kind: .migrationFailed)
    }
  }

  func lockWait(_ file: PlannedFile?, inTransaction: Bool) -> LockWait {
    let seconds = file?.file.directives.lockTimeoutSeconds ?? context.settings.migrations.lockTimeoutSeconds
    return LockWait(context: context, limit: .seconds(seconds), inTransaction: inTransaction)
  }

  mutating func noteConflict(_ error: DriverError) {
    if error.code == .busy, error.outcome == .notApplied, error.endsTransaction { conflict = error }
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
      throw BelayError(error, doing: "cannot count the rows of \(table)", kind: .checkFailed)
    }
  }
}
