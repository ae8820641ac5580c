import BelayBase
import Foundation

/// A moment on the calendar, in UTC as everywhere in belay. Computed here, so that the clock's zone and the system's
/// calendar have no part in what is removed.
struct CalendarMoment {
  let year: Int
  let month: Int
  let day: Int
  let hour: Int
  /// Since 1970-01-01.
  private let dayNumber: Int
  private let secondOfDay: Int

  init(_ date: Date) {
    let seconds = Int(date.timeIntervalSince1970.rounded(.down))
    dayNumber = Int((Double(seconds) / 86_400).rounded(.down))
    secondOfDay = seconds - dayNumber * 86_400
    hour = secondOfDay / 3600
    (year, month, day) = Self.date(ofDay: dayNumber)
  }

  /// The year and the number of the ISO 8601 week, which begins on Monday and belongs to the year of its Thursday.
  var week: (year: Int, number: Int) {
    let weekday = ((dayNumber + 3) % 7 + 7) % 7
    let thursday = dayNumber - weekday + 3
    let year = Self.date(ofDay: thursday).year
    return (year, (thursday - Self.day(year, 1, 1)) / 7 + 1)
  }

  /// The moment that lies so much earlier. A day that a month does not have is counted on into the next one, as in restic.
  func earlier(by span: CalendarSpan) -> Date { moved(-1, span) }

  /// The moment that lies so much later, counted in the same way.
  func later(by span: CalendarSpan) -> Date { moved(1, span) }

  private func moved(_ sign: Int, _ span: CalendarSpan) -> Date {
    let months = year * 12 + month - 1 + sign * (span.years * 12 + span.months)
    let firstOfMonth = Self.day(Int((Double(months) / 12).rounded(.down)), ((months % 12) + 12) % 12 + 1, 1)
    let day = firstOfMonth + self.day - 1 + sign * span.days
    return Date(timeIntervalSince1970: Double(day * 86_400 + secondOfDay + sign * span.hours * 3600))
  }

  // MARK: The proleptic Gregorian calendar, in eras of 400 years that begin in March

  private static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(ofDay number: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}

extension CalendarSpan {
  /// The moment that lies so much later than another one.
  package func later(than date: Date) -> Date { CalendarMoment(date).later(by: self) }
}
