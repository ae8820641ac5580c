import Synchronization

/// Counts the calls of all connections of this process, because Cloudflare limits the calls of a user or token in five
/// minutes.
final class RateLimit: Sendable {
  static let windowMilliseconds = 300_000
  private static let limits = Mutex<[String: RateLimit]>([:])

  private let allowed: Int
  /// How many calls were made in each second of the window, the oldest first: at most 301, however many calls.
  private let seconds = Mutex<[(second: Int, calls: Int)]>([])

  private init(allowed: Int) { self.allowed = allowed }

  /// The limit of an API and a token. `allowed`: calls in a window.
  static func shared(_ key: String, allowed: Int) -> RateLimit {
    limits.withLock { limits in
      let key = "\(allowed) \(key)"
      if let known = limits[key] { return known }
      let limit = RateLimit(allowed: allowed)
      limits[key] = limit
      return limit
    }
  }

  /// Reserves one call.
  /// - Returns: milliseconds to wait before the next attempt; nil if the call may be made now.
  func take(at now: Int) -> Int? {
    seconds.withLock { seconds in
      // A second counts until its last call is out of the window.
      let gone = seconds.prefix { Self.end(of: $0.second) <= now }.count
      seconds.removeFirst(gone)
      if seconds.reduce(0, { $0 + $1.calls }) >= allowed, let oldest = seconds.first {
        return max(Self.end(of: oldest.second) - now, 1)
      }
      if seconds.last?.second == now / 1000 {
        seconds[seconds.count - 1].calls += 1
      } else {
        seconds.append((now / 1000, 1))
      }
      return nil
    }
  }

  private static func end(of second: Int) -> Int { (second + 1) * 1000 + windowMilliseconds }
}
