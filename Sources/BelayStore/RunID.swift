import BelayBase
import Foundation

/// The name of a run, of its archive and of its folder: `20261120T143022Z-remove-legacy-posts`.
///
/// Begins with the moment in UTC, so that names sort by age.
package struct RunID: Sendable, Hashable, CustomStringConvertible {
  package let description: String

  /// - Parameter label: what the run is for; anything outside letters, digits, `.` and `_` becomes one `-`.
  package init(now: Date, label: String) {
    var slug = ""
    for scalar in label.lowercased().unicodeScalars {
      let keep = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      if keep || scalar == "_" || scalar == "." {
        slug.unicodeScalars.append(scalar)
      } else if !slug.hasSuffix("-") {
        slug += "-"
      }
    }
    slug = String(slug.prefix(60)).trimmingCharacters(in: CharacterSet(charactersIn: "-."))
    description = Moment.compact(now) + (slug.isEmpty ? "" : "-" + slug)
  }

  package init(_ text: String) { description = text }

  /// The moment that it begins with; nil: it begins with none.
  package var moment: Date? {
    guard let found = description.prefixMatch(of: #/(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z/#)?.output else {
      return nil
    }
    return Moment.parse("\(found.1)-\(found.2)-\(found.3)T\(found.4):\(found.5):\(found.6)Z")
  }
}
