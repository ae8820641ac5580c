import BelayDriverKit
import SQLiteDialect

/// How long temporary failures are retried: with increasing pauses of up to half a minute each; and calls that reach
/// Cloudflare's rate limit, as long as its five minutes may last.
struct Patience {
  enum Verdict {
    case tryAgain
    /// The next pause would be longer than the remaining time; it was not begun.
    case isOver
    /// The call must stop.
    case isStopped
  }

  private static let longestPause = 30_000
  private let deadline: Int
  private let rateDeadline: Int
  private var pause: Int

  /// - Parameter shielded: for requests that are made although the call must stop: they have a time limit of their own,
  ///   and
  ///   wait only for the rate limit.
  init(_ settings: WireSettings, shielded: Bool = false) {
    let now = monotonicMilliseconds()
    deadline = now + (shielded ? 0 : settings.retryMilliseconds)
    rateDeadline = now + settings.rateLimitMilliseconds
    pause = settings.firstPauseMilliseconds
  }

  /// Waits before the next attempt.
  /// - Parameters:
  ///   - failure: the failure of the last one.
  ///   - shielded: wait even if the call must stop.
  mutating func wait(_ watch: Watch, after failure: CallFailure, shielded: Bool = false) -> Verdict {
    // A random part, so that clients that were refused together do not all retry together.
    let wait = max((failure.retryAfter ?? 0) * 1000, Int.random(in: pause / 2...pause))
    guard monotonicMilliseconds() + wait <= (failure.isRateLimit ? rateDeadline : deadline) else { return .isOver }
    if failure.isRateLimit, wait >= 2000 {
      watch.log(.notice, "Cloudflare's rate limit is reached: continuing in \((wait + 999) / 1000) s")
    }
    pause = min(pause * 2, Self.longestPause)
    return watch.pause(milliseconds: wait, shielded: shielded) ? .tryAgain : .isStopped
  }
}
