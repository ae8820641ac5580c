import BelayBase
import Foundation

/// What a copy of a table is called: `_backup_orders_20261130`; the second of a day ends in `_2`.
package enum CopyName {
  /// In bytes of UTF-8. No engine that belay knows takes fewer, and some cut what is longer without a word.
  package static let longest = 63

  /// What every name begins with.
  package static let prefix = "_backup_"

  /// - Parameters:
  ///   - day: in UTC.
  ///   - isTaken: asked of each name that comes into question.
  package static func of(_ table: String, on day: Date, isTaken: (String) -> Bool) -> String {
    let date = Moment.compact(day).prefix(8)
    var number = 1
    while true {
      let end = "_\(date)" + (number > 1 ? "_\(number)" : "")
      let name = prefix + cut(table, to: longest - prefix.utf8.count - end.utf8.count) + end
      if !isTaken(name) { return name }
      number += 1
    }
  }

  /// Between two characters.
  private static func cut(_ text: String, to bytes: Int) -> String {
    var left = bytes
    return String(
      text.prefix { character in
        left -= character.utf8.count
        return left >= 0
      })
  }
}
