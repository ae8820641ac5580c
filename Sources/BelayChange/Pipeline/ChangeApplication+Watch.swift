import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import Foundation

/// Looks at the engine's footprint of the transaction.
extension ChangeApplication {
  /// Before any statement, and after BEGIN.
  func watchBegins(_ step: ChangeStep, on connection: Connection) throws(BelayError) {
    watch = StepWatch()
    watch.seen = try footprint(connection)
    if let seen = watch.seen { watch.observation = Observation(seen) }
    // Outside a transaction there is nothing of it that could be told.
    isJudgedByFootprint = step.isTransaction && watch.seen != nil
  }

  /// - Returns: what was done since the last judgement; nil: not known.
  func watchEvidence(on connection: Connection) throws(BelayError) -> Evidence? {
    guard let receipts = plan.receipts?.table, isJudgedByFootprint else { return nil }
    try look(on: connection)
    // belay's own row was written in this transaction. Whoever does not count it counts nothing.
    guard watch.seen?.contains(where: { $0.table == receipts && $0.inserted > 0 }) ?? false else {
      context.log(.warning, "the engine does not count what this transaction writes: the rows are compared instead")
      isJudgedByFootprint = false
      return nil
    }
    defer { watch.evidence = Evidence() }
    return watch.evidence
  }

  /// A statement is about to run. What the ones before it wrote must be known where this one names other tables: else it
  /// would excuse what they took along.
  func watchWillRun(_ statement: RanStatement, on connection: Connection) throws(BelayError) {
    guard let last = watch.unseen.last, !last.isLike(statement), mayLook else { return }
    try look(on: connection)
  }

  /// The statement that is about to run again has written nothing, whatever the engine has counted.
  func watchStartsOver(on connection: Connection) throws(DriverError) {
    guard watch.seen != nil else { return }
    watch.seen = try connection.footprint(operation: context.stoppable())
  }

  func watchRan(_ statement: RanStatement, seconds: Double) {
    if watch.unseen.isEmpty { watch.unseenSince = isOnTarget ? watch.elapsed - seconds : watch.seconds }
    watch.seconds += seconds
    // Very many of the same kind are one.
    if watch.unseen.count > 1, let last = watch.unseen.last, last.isLike(statement) {
      watch.unseen[watch.unseen.count - 1] = last.adding(statement)
    } else {
      watch.unseen.append(statement)
    }
  }

  /// Looking takes time, in which others wait on the target: what the rehearsal has found out statement by statement may be
  /// looked at less often there.
  private var mayLook: Bool {
    isRehearsed ? watch.looking < 0.02 + watch.seconds / 10 : watch.looking < 30 + watch.seconds
  }

  private func look(on connection: Connection) throws(BelayError) {
    guard let was = watch.seen else { return }
    let began = ContinuousClock.now
    guard let now = try footprint(connection) else { return }
    let (unseen, since, tables) = (watch.unseen, watch.unseenSince, watch.tables)
    if let first = unseen.first { watch.observation?.look(now, place: first.place, began: since) }
    watch.evidence.add(unseen, from: was, to: now, tables: tables)
    watch.seen = now
    watch.unseen = []
    watch.looking += (ContinuousClock.now - began).seconds
  }

  /// Before COMMIT, while the locks are still held.
  func watchEnds(_ step: ChangeStep, from before: DatabaseState, on connection: Connection)
    throws(BelayError)
  {
    guard !isOnTarget else { return }
    if !watch.unseen.isEmpty { try look(on: connection) }
    let observation = observation(of: step, seconds: watch.seconds, from: before, on: connection)
    outcome.record.observations.append(observation)
    outcome.record.findings += observation.findings
  }

  /// After COMMIT, when nobody waits any more: how long others could have waited, belay's own work included.
  func watchEnded(_ step: ChangeStep, from before: DatabaseState, on connection: Connection) {
    guard isOnTarget else { return }
    outcome.record.observations.append(
      observation(of: step, seconds: watch.elapsed, from: before, on: connection))
  }

  private func observation(
    of step: ChangeStep, seconds: Double, from before: DatabaseState, on connection: Connection
  ) -> StepObservation {
    let own = ownTables
    let rows = before.tables.mapValues(\.rows)
    let tables = watch.observation?.tables(endedAt: seconds, rows: rows) ?? []
    let locks: StepObservation.Locks =
      if !step.isTransaction {
        .noTransaction
      } else if connection.traits.isExclusive {
        .wholeDatabase
      } else if watch.observation != nil, watch.unseen.isEmpty {
        .observed
      } else {
        .unknown
      }
    return StepObservation(
      parts: step.names, locks: locks, seconds: seconds,
      tables: tables.filter { !own.contains(TableName(schema: $0.schema, name: $0.table)) })
  }

  private func footprint(_ connection: Connection) throws(BelayError) -> [TableFootprint]? {
    do {
      return try connection.footprint(operation: context.stoppable())
    } catch {
      if error.code == .cancelled { throw context.interruption() }
      throw BelayError(error, doing: "cannot read what the transaction has done", kind: .migrationFailed)
    }
  }
}
