import BelayDriverKit
import Glibc
import SQLiteDialect

/// A write leaves a receipt in the same transaction: one row per connection in a table of belay's own, with an
/// increasing number. If the reply to a write is lost, the driver looks for its receipt before it tries again.
extension D1Connection {
  static let receiptTable =
    "CREATE TABLE IF NOT EXISTS \(OwnTable.receipts) (writer TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID"

  /// What a write has done, if its reply did not say.
  enum Found {
    /// Its receipt exists.
    case applied
    /// The receipt does not exist; if the write was revoked, it never will.
    case notApplied
    /// The receipt could not be read, or the write has begun but not ended.
    case unknown
  }

  /// The statements before and after those of a write.
  struct Receipt {
    /// Fails if the write was revoked.
    let opening: String
    let closing: String
  }

  /// For the next write.
  func nextReceipt() -> Receipt {
    writes += 1
    return Receipt(
      opening: "INSERT INTO \(OwnTable.receipts) (writer, number) VALUES ('\(writer)', \(begun))"
        + " ON CONFLICT (writer) DO UPDATE SET number = CASE WHEN number < excluded.number THEN excluded.number END",
      closing: "UPDATE \(OwnTable.receipts) SET number = \(begun + 1) WHERE writer = '\(writer)'")
  }

  /// The number of the last write while it is running; one more when it has ended, two more if it was revoked.
  private var begun: Int { writes * 4 }

  /// Runs statements in one call, which is one transaction.
  /// - Returns: the result of each; nil if only the receipt says that they were executed.
  func write(_ statements: [String]) throws(DriverFailure) -> [StatementAnswer]? {
    try refuseReadOnly()
    try renewLocksInTime()
    // A single statement fails as a whole. Of several, parts are said to remain sometimes: the bookmark shows this.
    let isJudged = statements.count > 1 || Self.keepsPart(statements)
    var patience = Patience(settings.wire)
    while true {
      let before = isJudged ? try currentBookmark() : nil
      let receipt = nextReceipt()
      let sent = monotonicMilliseconds()
      do throws(CallFailure) {
        let answers = try answers([Self.receiptTable, receipt.opening] + statements + [receipt.closing], .once)
        return Array(answers.dropFirst(2).prefix(statements.count))
      } catch {
        guard case .unknown = error.work else { throw try answered(error.failure, since: before) }
        switch findReceipt(sentAt: sent, revoking: true) {
        case .applied:
          if watch.wantsStop { throw stoppedAfter(error.failure) }
          return nil
        case .notApplied:
          guard error.isTransient, case .tryAgain = patience.wait(watch, after: error) else { throw error.failure }
        case .unknown: throw error.ofWrite
        }
      }
    }
  }

  private func stoppedAfter(_ failure: DriverFailure) -> DriverFailure {
    var failure = failure
    failure.outcome = .applied
    return failure
  }

  /// A definite failure, with the outcome of the statements before the failed one.
  private func answered(_ failure: DriverFailure, since before: String?) throws(DriverFailure) -> DriverFailure {
    guard let before else { return failure }
    var failure = failure
    do throws(DriverFailure) {
      // It changes with writes of others too, so a change proves nothing.
      if try currentBookmark() != before { failure.outcome = .unknown }
    } catch {
      failure.outcome = .unknown
    }
    return failure
  }

  /// INSERT OR FAIL keeps the rows before the one that failed.
  private static func keepsPart(_ statements: [String]) -> Bool {
    statements.contains { CanonicalSQL.contains("FAIL", in: $0) }
  }

  /// Looks for the receipt of the last write, as long as the write may still be running.
  /// - Parameter revoking: prevents a write that has not begun from ever beginning, so that there is nothing to wait
  ///   for.
  func findReceipt(sentAt sent: Int, revoking: Bool) -> Found {
    // If the call must stop, it waits only a moment for the receipt; otherwise the outcome stays unknown.
    let patience = watch.wantsStop ? min(settings.wire.settleMilliseconds, 3000) : settings.wire.settleMilliseconds
    let settled = sent + patience
    // The query may fail too: then there is a little more time for another one.
    let deadline = max(settled, monotonicMilliseconds()) + min(patience, 10_000)
    while true {
      let (isSettled, isOver) = (monotonicMilliseconds() > settled, monotonicMilliseconds() > deadline)
      switch lookForReceipt(revoking: revoking) {
      case .applied: return .applied
      case .notApplied:
        if revoking { return .notApplied }
        if isSettled { return watch.wantsStop ? .unknown : .notApplied }
      case .unknown: if isOver { return .unknown }
      }
      if !watch.pause(milliseconds: min(settings.wire.pollMilliseconds, 1000)) { usleep(100_000) }
    }
  }

  /// Looks once. Can be repeated, even if it revokes.
  private func lookForReceipt(revoking: Bool) -> Found {
    let look = "SELECT number FROM \(OwnTable.receipts) WHERE writer = '\(writer)'"
    do throws(CallFailure) {
      guard revoking else {
        guard try hasReceipts() else { return .notApplied }
        return try number(raw([look], .repeatable, shielded: true)) == begun + 1 ? .applied : .notApplied
      }
      let revoke =
        "INSERT INTO \(OwnTable.receipts) (writer, number) VALUES ('\(writer)', \(begun + 2))"
        + " ON CONFLICT (writer) DO UPDATE SET number = excluded.number WHERE number < \(begun)"
      switch try number(raw([Self.receiptTable, revoke, look], .repeatable, shielded: true)) {
      case begun + 1: return .applied
      case begun + 2: return .notApplied
      default: return .unknown
      }
    } catch {
      return .unknown
    }
  }

  private func hasReceipts() throws(CallFailure) -> Bool {
    let sql =
      "SELECT CASE WHEN EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '\(OwnTable.receipts)') THEN 'y' ELSE 'n' END"
    switch try raw([sql], .repeatable, shielded: true).first?.first?.first?.text {
    case "y": return true
    case "n": return false
    default: throw CallFailure(DriverFailure(.io, "D1's reply does not have the expected form"), .unknown)
    }
  }

  private func number(_ answers: [[[JSONCell]]]) -> Int? { (answers.last?.first?.first?.number).map(Int.init) }

  func refuseReadOnly() throws(DriverFailure) {
    guard settings.isReadOnly else { return }
    throw DriverFailure(.denied, "\(name) is opened read-only")
  }

  /// The bookmark of the current state.
  func currentBookmark() throws(DriverFailure) -> String {
    do throws(CallFailure) {
      return try engine.bookmark()
    } catch {
      throw error.failure
    }
  }
}
