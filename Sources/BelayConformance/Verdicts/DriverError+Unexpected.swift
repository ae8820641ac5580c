import BelayDrivers

extension DriverError {
  /// Says that a call failed that should not: which one, what it reported, and what it was given.
  var unexpected: String {
    let hint = hint.map { "; \($0)" } ?? ""
    let given = excerpt.map { "; the SQL was: \($0)" } ?? ""
    return "\(call ?? "a call") failed, and should not have: \(message) (\(code), \(outcome))\(hint)\(given)"
  }

  /// What an author needs to see of the SQL text, on one line: its beginning, or the part where the failure is.
  private var excerpt: String? {
    guard let sql, !sql.isEmpty else { return nil }
    let bytes = Array(sql.utf8)
    let place = sqlOffset.map { max(0, min($0, bytes.count)) } ?? 0
    let start = place > Self.room / 2 ? place - Self.room / 4 : 0
    let end = min(bytes.count, start + Self.room)
    let text = String(decoding: bytes[start..<end], as: UTF8.self).split(whereSeparator: \.isWhitespace)
    return (start > 0 ? "… " : "") + text.joined(separator: " ") + (end < bytes.count ? " …" : "")
  }

  /// In bytes.
  private static let room = 300
}
