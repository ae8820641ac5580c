import SQLiteDialect

/// How long something is tried again that fails for the moment: with pauses that grow, up to half a minute each.
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
  private var pause: Int

  init(_ settings: WireSettings) {
    deadline = monotonicMilliseconds() + settings.retryMilliseconds
    pause = settings.firstPauseMilliseconds
  }

  /// Waits before the next attempt.
  /// - Parameter asked: how long the server asks to wait.
  mutating func wait(_ watch: Watch, asked milliseconds: Int = 0) -> Verdict {
    // Not all who were refused together come again together.
    let wait = max(milliseconds, Int.random(in: pause / 2...pause))
    guard monotonicMilliseconds() + wait <= deadline else { return .isOver }
    pause = min(pause * 2, Self.longestPause)
    return watch.pause(milliseconds: wait) ? .tryAgain : .isStopped
  }
}
