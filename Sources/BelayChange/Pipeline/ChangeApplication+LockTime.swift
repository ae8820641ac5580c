import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import Foundation

/// `--max-lock`: how long a transaction may hold locks that others wait for. Counted from its first statement, or from BEGIN
/// where that keeps all other writers off, until COMMIT.
extension ChangeApplication {
  /// nil: there is no limit.
  var mostLockTime: Duration? {
    let seconds = context.settings.migrations.mostLockSeconds
    return seconds > 0 ? .seconds(seconds) : nil
  }

  func lockTimeBegins() {
    if lockedSince == nil { lockedSince = .now }
  }

  /// What is left of it; nil: nothing counts, as outside a transaction and on the copy.
  var lockTimeLeft: Duration? {
    guard isOnTarget, let most = mostLockTime, let lockedSince else { return nil }
    return max(.zero, most - (.now - lockedSince))
  }

  /// A statement that the driver ended because the time was over is not to blame for it.
  func lockTimeIsOver(_ cause: DriverError? = nil) -> BelayError? {
    guard let lockTimeLeft, lockTimeLeft == .zero, cause.map({ $0.code == .timeout }) ?? true else { return nil }
    return BelayError(
      .migrationFailed, "the transaction held its locks for longer than \(mostLockText)",
      hint: "apply it when less is going on, divide it into files, or allow more with --max-lock",
      causes: cause.map { [$0.message] } ?? [])
  }

  /// Before COMMIT.
  func checkLockTime() throws(BelayError) {
    if let failure = lockTimeIsOver() { throw failure }
  }

  /// What the rehearsal shows beforehand: on the target it takes as long, or longer.
  func checkRehearsedLockTime() throws(BelayError) {
    guard let most = mostLockTime else { return }
    for step in outcome.record.observations {
      guard let longest = step.longestLock, longest.time > most else { continue }
      let seconds = String(format: "%.2f s", longest.time.seconds)
      throw BelayError(
        .migrationFailed,
        "\(step.parts.joined(separator: ", ")) would lock \(longest.what) for \(seconds), longer than "
          + mostLockText, hint: "divide it into files, do it in batches, or allow more with --max-lock")
    }
  }

  private var mostLockText: String { "--max-lock allows (\(context.settings.migrations.mostLockSeconds) s)" }
}

extension StepObservation {
  /// What others wait for longest; nil: nothing, or it is not known.
  fileprivate var longestLock: (what: String, time: Duration)? {
    switch locks {
    case .wholeDatabase: return ("the database", .seconds(seconds))
    case .noTransaction, .unknown: return nil
    case .observed:
      let blocked = tables.compactMap { table in
        [table.writesBlocked, table.everythingBlocked].compactMap { $0?.milliseconds }.max()
          .map { (what: "table \(table.name)", time: Duration.milliseconds($0)) }
      }
      return blocked.max { $0.time < $1.time }
    }
  }
}
