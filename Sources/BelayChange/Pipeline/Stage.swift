import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// The database that a part of a change is carried out on: the restored copy in the rehearsal, or the target. Used by one
/// thread.
package final class Stage {
  package let context: RunContext
  /// The run's id, for receipts.
  package let runID: String
  /// In the step's transaction, where it has one.
  package let connection: Connection
  /// Of the same database, for what connects by itself. May hold a secret.
  package let url: String
  package let isTransaction: Bool
  private let step: Int
  private unowned let application: ChangeApplication

  init(
    application: ChangeApplication, step: Int, isTransaction: Bool, connection: Connection, url: String
  ) {
    self.application = application
    self.step = step
    self.isTransaction = isTransaction
    self.connection = connection
    self.url = url
    context = application.context
    runID = application.runID
  }

  /// A connection of its own to the same database.
  package func open() throws(BelayError) -> Connection { try application.open() }

  /// The target, and not a copy of it.
  package var isTarget: Bool { application.isOnTarget }

  /// Adds something that is worth knowing to what is reported.
  package func report(_ finding: Finding) { application.outcome.record.findings.append(finding) }

  /// Tells what the ledger of another tool says that it did not say before.
  package func report(ledger lines: [String]) { application.outcome.record.ledgerLines += lines }

  /// Says how far a part has come.
  package func progress(of part: String, _ done: Int, of total: Int) {
    context.narrator.tell(
      .progress(ProgressUpdate(what: part, done: UInt64(done), total: UInt64(total), unit: .steps)))
  }

  /// Journals that a statement is about to take effect by itself. Within a transaction none does.
  package func willRun(_ part: String, statement index: Int) throws(BelayError) {
    guard !isTransaction else { return }
    try application.journal?.write(.statement(step: step, part: part, index: index))
  }

  /// Says that from here on `tookEffect` tells of every statement of the step that takes effect by itself.
  package func tellsEffects() {
    if !isTransaction, application.effects == nil { application.effects = [] }
  }

  /// Says that a statement outside a transaction has taken effect, or may have in part.
  package func tookEffect(_ rows: RowWriting) { application.effects?.append(rows) }

  /// Makes a call of the driver, and makes it again while others hold a lock that it needs.
  /// - Parameters:
  ///   - what: what waits, for the line that says so: "1.sql, line 3".
  ///   - lockTimeoutSeconds: how long; nil: as belay.yaml says.
  ///   - inTransaction: a failure that ends the transaction is not cured by the same call.
  ///   - failure: what the driver's error means here.
  package func call<Output>(
    _ what: String, lockTimeoutSeconds: Int? = nil, inTransaction: Bool? = nil,
    failure: (DriverError) -> BelayError, _ body: () throws(DriverError) -> Output
  ) throws(BelayError) -> Output {
    let seconds = lockTimeoutSeconds ?? context.settings.migrations.lockTimeoutSeconds
    do {
      return try context.waitingForLocks(
        what, limit: .seconds(seconds), inTransaction: inTransaction ?? isTransaction, body)
    } catch {
      if error.code == .cancelled || context.cancellation.isCancelled { throw context.interruption() }
      if let failure = application.lockTimeIsOver(error) { throw failure }
      var failure = failure(error)
      // A lock has been waited for by now. A transaction that is gone may be begun again.
      failure.mayBeTriedAgain = error.wasOnlyBusy && error.endsTransaction
      throw failure
    }
  }

  /// For a statement: with the time that it may take, and what the engine says meanwhile goes into the report.
  /// - Parameters:
  ///   - part: for the progress bar.
  ///   - place: "1.sql, line 3"
  ///   - timeoutSeconds: 0: no limit; nil: as belay.yaml says.
  package func operation(_ part: String, at place: String, timeoutSeconds: Int?) -> BelayDrivers.Operation {
    let said = application.said
    return context.statementOperation(
      part, seconds: timeoutSeconds ?? context.settings.migrations.statementTimeoutSeconds,
      most: application.lockTimeLeft
    ) { said.take($0, at: place) }
  }

  /// Takes back what a part has set for its session, such as a role: it must reach neither the next part, nor the ledger,
  /// nor the checks.
  package func resetSession(after part: String) throws(BelayError) {
    do {
      try connection.resetSession(operation: context.stoppable())
    } catch {
      if error.code == .cancelled || context.cancellation.isCancelled { throw context.interruption() }
      throw BelayError(error, doing: "cannot end \(part)", kind: .migrationFailed)
    }
  }

  /// Says that a statement is about to run.
  package func willRun(_ statement: Statement, at place: String) throws(BelayError) {
    if isTransaction { application.lockTimeBegins() }
    try application.watchWillRun(RanStatement(place: place, statement: statement, rows: nil), on: connection)
  }

  /// Says that a statement is about to run again, after it had failed and left nothing behind.
  package func runsAgain() throws(DriverError) { try application.watchStartsOver(on: connection) }

  /// Says that a statement has run, and how long it took: what it did to locks and rows is looked at.
  /// - Parameter rows: as many as the engine says that it wrote itself; nil: it does not say.
  package func ran(_ statement: Statement, at place: String, seconds: Double, rows: Int?) {
    note(place, seconds: seconds)
    application.watchRan(RanStatement(place: place, statement: statement, rows: rows), seconds: seconds)
  }

  /// The same of something that is no statement, or not one alone: what it may write is what the whole part means.
  /// - Parameter isWholePart: its time is the part's own.
  package func ran(_ place: String, seconds: Double, isWholePart: Bool = false) {
    if !isWholePart { note(place, seconds: seconds) }
    application.watchRan(RanStatement(place: place, intent: application.watch.intent), seconds: seconds)
  }

  private func note(_ place: String, seconds: Double) {
    if seconds >= 0.1 { application.outcome.record.slowStatements.append(.init(place: place, seconds: seconds)) }
  }

  /// Says how long a whole part took.
  package func ended(_ part: String, seconds: Double) {
    application.outcome.record.timings.append(.init(place: part, seconds: seconds))
  }
}
