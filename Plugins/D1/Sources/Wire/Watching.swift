import BelayDriverKit
import Glibc
import SQLiteDialect

extension Watch {
  /// Sleeps, a little at a time.
  /// - Returns: false as soon as the call is to stop.
  func pause(milliseconds: Int) -> Bool {
    var left = milliseconds
    while left > 0 {
      if wantsStop { return false }
      let step = min(left, 20)
      usleep(UInt32(step) * 1000)
      left -= step
    }
    return !wantsStop
  }
}

/// Milliseconds of a clock that nobody sets.
func monotonicMilliseconds() -> Int {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}
