import BelayDriverKit
import SQLiteDialect

/// How long something is tried again that fails for the moment: with pauses that grow, up to half a minute each; and what
/// comes too often for Cloudflare, for as long as its limit of five minutes may last.
struct Patience {
  enum Verdict {
    case tryAgain
    /// The next pause would be longer than there is time for; it was not begun.
    case isOver
    /// The call is to stop.
    case isStopped
  }

  private static let longestPause = 30_000
  private let deadline: Int
  private let rateDeadline: Int
  private var pause: Int

  /// - Parameter shielded: who asks although the call is to stop has a patience of his own, and is held up by the rate limit
  ///   alone.
  init(_ settings: WireSettings, shielded: Bool = false) {
    let now = monotonicMilliseconds()
    deadline = now + (shielded ? 0 : settings.retryMilliseconds)
    rateDeadline = now + settings.rateLimitMilliseconds
    pause = settings.firstPauseMilliseconds
  }

  /// Waits before the next attempt.
  /// - Parameters:
  ///   - failure: of the last one.
  ///   - shielded: also where the call is to stop.
  mutating func wait(_ watch: Watch, after failure: CallFailure, shielded: Bool = false) -> Verdict {
    // Not all who were refused together come again together.
    let wait = max((failure.retryAfter ?? 0) * 1000, Int.random(in: pause / 2...pause))
    guard monotonicMilliseconds() + wait <= (failure.isRateLimit ? rateDeadline : deadline) else { return .isOver }
    if failure.isRateLimit, wait >= 2000 {
      watch.log(.notice, "Cloudflare's rate limit is reached: continuing in \((wait + 999) / 1000) s")
    }
    pause = min(pause * 2, Self.longestPause)
    return watch.pause(milliseconds: wait, shielded: shielded) ? .tryAgain : .isStopped
  }
}
