import BelayDriverKit
import Glibc
import SQLiteDialect

extension Watch {
  /// Sleeps, a little at a time.
  /// - Parameter shielded: continues to sleep although the call must stop.
  /// - Returns: false as soon as the call must stop.
  func pause(milliseconds: Int, shielded: Bool = false) -> Bool {
    var left = milliseconds
    while left > 0 {
      if !shielded, wantsStop { return false }
      let step = min(left, 20)
      usleep(UInt32(step) * 1000)
      left -= step
    }
    return shielded || !wantsStop
  }
}

/// Milliseconds of a monotonic clock.
func monotonicMilliseconds() -> Int {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}
