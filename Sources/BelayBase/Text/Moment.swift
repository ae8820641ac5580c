import Foundation

/// Moments as belay writes them: always UTC.
package enum Moment {
  /// `20261120T143022Z`: sorts, and is safe in a file name.
  package static func compact(_ date: Date) -> String {
    iso(date).filter { $0 != "-" && $0 != ":" }
  }

  /// `2026-11-20T14:30:22Z`
  package static func iso(_ date: Date) -> String {
    date.formatted(.iso8601)
  }

  package static func parse(_ text: String) -> Date? {
    try? Date(text, strategy: .iso8601)
  }
}
