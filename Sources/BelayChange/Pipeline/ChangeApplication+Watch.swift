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
    watch.judged = try footprint(connection)
    if !isOnTarget, let judged = watch.judged { watch.observation = Observation(judged) }
    // Outside a transaction there is nothing of it that could be told.
    if !step.isTransaction { watch.judged = nil }
  }

  /// - Returns: what was done since the last judgement; nil: not known.
  func watchEvidence(on connection: Connection) throws(BelayError) -> Evidence? {
    guard let receipts = plan.receipts?.table, let judged = watch.judged, let now = try footprint(connection) else {
      return nil
    }
    // belay's own row was written in this transaction. Whoever does not count it counts nothing.
    guard now.contains(where: { $0.table == receipts && $0.inserted > 0 }) else {
      context.log(.warning, "the engine does not count what this transaction writes: the rows are compared instead")
      watch.judged = nil
      return nil
    }
    watch.judged = now
    return Evidence(from: judged, to: now)
  }

  func watchStatement(_ place: String, seconds: Double, on connection: Connection) throws(BelayError) {
    let began = watch.seconds
    watch.seconds += seconds
    guard watch.observation != nil else { return }
    let unseen = watch.unseen ?? (place, began)
    watch.unseen = unseen
    // A file of very many small statements is not to take twice as long for being watched.
    guard watch.looking < 2 || watch.looking < watch.seconds else { return }
    try look(unseen, on: connection)
  }

  private func look(_ unseen: (place: String, began: Double), on connection: Connection) throws(BelayError) {
    let began = ContinuousClock.now
    guard let footprint = try footprint(connection) else { return }
    watch.observation?.look(footprint, place: unseen.place, began: unseen.began)
    watch.unseen = nil
    watch.looking += (ContinuousClock.now - began).seconds
  }

  /// Before COMMIT, while the locks are still held.
  func watchEnds(_ step: ChangeStep, from before: DatabaseState, on connection: Connection)
    throws(BelayError)
  {
    guard !isOnTarget else { return }
    if let unseen = watch.unseen { try look(unseen, on: connection) }
    let own = ownTables
    let rows = before.tables.mapValues(\.rows)
    let tables = watch.observation?.tables(endedAt: watch.seconds, rows: rows) ?? []
    let locks: StepObservation.Locks =
      if !step.isTransaction {
        .noTransaction
      } else if watch.observation != nil {
        .observed
      } else if connection.traits.isExclusive {
        .wholeDatabase
      } else {
        .unknown
      }
    let observation = StepObservation(
      parts: step.names, locks: locks, seconds: watch.seconds, tables: tables.filter { !own.contains($0.table) })
    outcome.record.observations.append(observation)
    outcome.record.findings += observation.findings
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
