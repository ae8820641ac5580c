import Synchronization

/// So many calls in five minutes that Cloudflare lets a user or token make; the ones of all connections of this process.
final class RateLimit: Sendable {
  static let windowMilliseconds = 300_000
  private static let limits = Mutex<[String: RateLimit]>([:])

  private let allowed: Int
  /// When the calls of the window were made, the oldest first.
  private let calls = Mutex<[Int]>([])

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

  /// Takes a place for one call.
  /// - Returns: milliseconds to wait before asking again; nil where the call may be made now.
  func take(at now: Int) -> Int? {
    calls.withLock { calls in
      let end = calls.firstIndex { $0 > now - Self.windowMilliseconds } ?? calls.count
      calls.removeFirst(end)
      guard calls.count >= allowed, let oldest = calls.first else {
        calls.append(now)
        return nil
      }
      return max(oldest + Self.windowMilliseconds - now, 1)
    }
  }
}
