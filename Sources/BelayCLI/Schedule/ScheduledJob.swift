/// A command of belay that runs again and again.
struct ScheduledJob {
  /// In the names of its units.
  let name: String
  /// What it is for, in a line.
  let about: String
  /// Of belay.
  let arguments: [String]
  let time: ScheduledTime
  /// Whether its exit status 3 is a success: it did what it should, and something is to be known. For `status` it means that
  /// a backup is missing.
  let isDoneWithWarnings: Bool
}

/// When a job runs: each day, on one day of the week, or on one day of the month.
struct ScheduledTime {
  enum Days { case daily, sundays, firstOfMonth }

  let days: Days
  /// Since midnight.
  let minutes: Int

  /// `03:00`; nil: it is no time of a day.
  static func minutes(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isNumber) }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }

  private var hour: Int { minutes / 60 % 24 }
  private var minute: Int { minutes % 60 }

  /// As systemd's OnCalendar takes it (systemd.time(7)).
  var calendar: String {
    let time = "\(Self.twoDigits(hour)):\(Self.twoDigits(minute)):00"
    return switch days {
    case .daily: "*-*-* \(time)"
    case .sundays: "Sun *-*-* \(time)"
    case .firstOfMonth: "*-*-01 \(time)"
    }
  }

  /// As the first five fields of a line of a crontab (crontab(5)).
  var cron: String {
    let time = "\(minute) \(hour)"
    return switch days {
    case .daily: "\(time) * * *"
    case .sundays: "\(time) * * 0"
    case .firstOfMonth: "\(time) 1 * *"
    }
  }

  private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
