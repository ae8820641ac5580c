import BelayDriverKit
import SQLiteDialect

extension D1Connection: Rewinding {
  func markBookmark(operation: Operation) throws(DriverFailure) -> String {
    try during(operation) { () throws(DriverFailure) in
      if let view { return view.bookmark }
      return try currentBookmark()
    }
  }

  func bookmark(at unixMilliseconds: Int64, operation: Operation) throws(DriverFailure) -> String {
    try during(operation) { () throws(DriverFailure) in
      let remote = try remote("Time Travel")
      do throws(CallFailure) {
        return try remote.bookmark(at: Moment.text(unixMilliseconds))
      } catch {
        throw error.failure
      }
    }
  }

  func rewind(to bookmark: String, operation: Operation) throws(DriverFailure) -> String {
    try during(operation) { () throws(DriverFailure) in
      try refuseReadOnly()
      let remote = try remote("Time Travel")
      guard isBookmark(bookmark) else { throw DriverFailure(.invalid, "\(bookmark) is not a D1 bookmark") }
      forgetSchema()
      let before = try currentBookmark()
      // The state at the bookmark does not contain a lock that was taken later.
      defer { renewLocksAfterTravel() }
      do throws(CallFailure) {
        return try remote.travel(to: bookmark) ?? before
      } catch {
        guard case .unknown = error.work, error.isTransient, !watch.wantsStop else { throw error.ofWrite }
      }
      // Repeating it does no harm; but then the bookmark that was read before is the one that undoes it.
      do throws(CallFailure) {
        _ = try remote.travel(to: bookmark)
        return before
      } catch {
        throw error.ofWrite
      }
    }
  }

  /// The rewind has succeeded: a lock that was not renewed does not make it fail.
  func renewLocksAfterTravel() {
    do throws(DriverFailure) {
      try renewLocks()
    } catch {
      watch.log(.warning, "the lock was not renewed after Time Travel: \(error.message)")
    }
  }
}

/// Moments in the API's format.
enum Moment {
  /// ISO 8601 in UTC, with milliseconds.
  static func text(_ unixMilliseconds: Int64) -> String {
    let days = Int64((Double(unixMilliseconds) / 86_400_000).rounded(.down))
    let rest = unixMilliseconds - days * 86_400_000
    // Days since 1970 to a date of the Gregorian calendar, in eras of 400 years that begin in March.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let civilMonth = month < 10 ? month + 3 : month - 9
    let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
    func digits(_ number: Int64, _ count: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(count - text.utf8.count, 0)) + text
    }
    return "\(digits(year, 4))-\(digits(civilMonth, 2))-\(digits(day, 2))T\(digits(rest / 3_600_000, 2))"
      + ":\(digits(rest / 60_000 % 60, 2)):\(digits(rest / 1000 % 60, 2)).\(digits(rest % 1000, 3))Z"
  }
}
