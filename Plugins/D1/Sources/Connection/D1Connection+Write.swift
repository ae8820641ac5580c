import BelayDriverKit
import Glibc
import SQLiteDialect

/// A write leaves a receipt in the same transaction: one row per connection in a table of belay's own, with a number that
/// grows. A write whose answer is lost is not made again before its receipt was looked for.
extension D1Connection {
  static let receiptTable =
    "CREATE TABLE IF NOT EXISTS \(OwnTable.receipts) (writer TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID"

  /// What a write was found to have done when its answer did not say.
  enum Found {
    /// Its receipt is there.
    case applied
    /// It is not; and where the write was revoked, it will never come.
    case notApplied
    /// It could not be looked for, or the write has begun and not ended.
    case unknown
  }

  /// What stands before and behind the statements of one write.
  struct Receipt {
    /// Fails where the write was revoked.
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

  /// The number of the last write while it is under way; one more when it has ended, two more when it was revoked.
  private var begun: Int { writes * 4 }

  /// Runs statements in one call, which is one transaction.
  /// - Returns: what each did; nil where only the receipt says that they are done.
  func write(_ statements: [String]) throws(DriverFailure) -> [StatementAnswer]? {
    try refuseReadOnly()
    try renewLocksInTime()
    // One statement fails as a whole. Of several, parts are said to have stayed at times: the bookmark tells.
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

  /// A definite no, with what became of the statements before the one that failed.
  private func answered(_ failure: DriverFailure, since before: String?) throws(DriverFailure) -> DriverFailure {
    guard let before else { return failure }
    var failure = failure
    do throws(DriverFailure) {
      // It moves with others' writes too, so that it moved says nothing.
      if try currentBookmark() != before { failure.outcome = .unknown }
    } catch {
      failure.outcome = .unknown
    }
    return failure
  }

  /// INSERT OR FAIL keeps the rows before the refused one.
  private static func keepsPart(_ statements: [String]) -> Bool {
    statements.contains { CanonicalSQL.contains("FAIL", in: $0) }
  }

  /// Looks for the receipt of the last write, for as long as the write may still be under way.
  /// - Parameter revoking: a write that has not begun is kept from ever beginning, so that nothing is to be waited for.
  func findReceipt(sentAt sent: Int, revoking: Bool) -> Found {
    // Whoever wants to stop is not kept waiting: a moment for the receipt, else it stays unknown.
    let patience = watch.wantsStop ? min(settings.wire.settleMilliseconds, 3000) : settings.wire.settleMilliseconds
    let settled = sent + patience
    // A look can fail, too: then there is a little more time for one that is answered.
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

  /// One look. Harmless twice, also where it revokes.
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

  /// The bookmark of the present.
  func currentBookmark() throws(DriverFailure) -> String {
    do throws(CallFailure) {
      return try engine.bookmark()
    } catch {
      throw error.failure
    }
  }
}
