import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// What is known of the group that runs, from one look at the engine's footprint to the next.
package struct GroupWatch {
  /// At the last judgement; nil: the driver does not tell.
  var judged: [TableFootprint]?
  /// In the rehearsal, within a transaction.
  var observation: Observation?
  /// Spent in statements and checks: what the target will spend too.
  package var seconds = 0.0
  /// Spent in looking.
  var looking = 0.0
  /// The first statement that nobody has looked after yet.
  var unseen: (place: String, began: Double)?
}

/// What one group of files was seen to hold and do.
package struct GroupObservation: Sendable {
  enum Locks: Sendable {
    case observed
    /// Statement by statement: each holds its own only while it runs.
    case noTransaction
    /// The transaction keeps all other writers off.
    case wholeDatabase
    case unknown
  }
  package let files: [String]
  let locks: Locks
  package let seconds: Double
  package let tables: [ObservedTable]

  package var findings: [Finding] { tables.flatMap(\.findings) }

  package var lines: [String] {
    let length = String(format: "%.2f s", seconds)
    let subject = files.joined(separator: ", ")
    return switch locks {
    case .observed: ["\(subject): locks, held until the end of the transaction:"] + ObservedTable.lines(tables)
    case .noTransaction:
      ["\(subject): locks were not observed, for there is no transaction; \(length)"]
        + tables.filter(\.rewritten).map { "table \($0.name) was written anew" }
    case .wholeDatabase: ["\(subject): others cannot write to the database for \(length)"]
    case .unknown: ["\(subject): locks are not known: this driver does not tell"]
    }
  }
}

/// Looks at the engine's footprint of the transaction.
extension Change {
  /// Before any statement, and after BEGIN.
  mutating func watchBegins(_ group: MigrationGroup, on connection: Connection) throws(BelayError) {
    watch = GroupWatch()
    watch.judged = try footprint(connection)
    if !isOnTarget, let judged = watch.judged { watch.observation = Observation(judged) }
    // Outside a transaction there is nothing of it that could be told.
    if !group.transactional { watch.judged = nil }
  }

  /// - Returns: what was done since the last judgement; nil: not known.
  mutating func watchEvidence(on connection: Connection) throws(BelayError) -> Evidence? {
    guard let judged = watch.judged, let now = try footprint(connection) else { return nil }
    // belay's own row was written in this transaction. Whoever does not count it counts nothing.
    let ledger = ledger.table
    guard now.contains(where: { $0.table == ledger && $0.inserted > 0 }) else {
      context.log(.warning, "the engine does not count what this transaction writes: the rows are compared instead")
      watch.judged = nil
      return nil
    }
    watch.judged = now
    return Evidence(from: judged, to: now)
  }

  mutating func watchStatement(_ place: String, seconds: Double, on connection: Connection) throws(BelayError) {
    let began = watch.seconds
    watch.seconds += seconds
    guard watch.observation != nil else { return }
    let unseen = watch.unseen ?? (place, began)
    watch.unseen = unseen
    // A file of very many small statements is not to take twice as long for being watched.
    guard watch.looking < 2 || watch.looking < watch.seconds else { return }
    try look(unseen, on: connection)
  }

  private mutating func look(_ unseen: (place: String, began: Double), on connection: Connection) throws(BelayError) {
    let began = ContinuousClock.now
    guard let footprint = try footprint(connection) else { return }
    watch.observation?.look(footprint, place: unseen.place, began: unseen.began)
    watch.unseen = nil
    watch.looking += (ContinuousClock.now - began).seconds
  }

  /// Before COMMIT, while the locks are still held.
  mutating func watchEnds(_ group: MigrationGroup, from before: DatabaseState, on connection: Connection)
    throws(BelayError)
  {
    guard !isOnTarget else { return }
    if let unseen = watch.unseen { try look(unseen, on: connection) }
    let own = ownTables
    let rows = before.tables.mapValues(\.rows)
    let tables = watch.observation?.tables(endedAt: watch.seconds, rows: rows) ?? []
    let locks: GroupObservation.Locks =
      if !group.transactional {
        .noTransaction
      } else if watch.observation != nil {
        .observed
      } else if connection.traits.isExclusive {
        .wholeDatabase
      } else {
        .unknown
      }
    let observation = GroupObservation(
      files: group.names, locks: locks, seconds: watch.seconds, tables: tables.filter { !own.contains($0.table) })
    outcome.observations.append(observation)
    outcome.findings += observation.findings
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
