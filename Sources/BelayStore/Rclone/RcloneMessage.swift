import BelayText

/// What rclone says of a failure, for people: the last line of its log that is no notice, without its time, and without what
/// could be a secret.
struct RcloneMessage {
  /// nil: it has said nothing.
  let text: String?

  private static let longest = 300

  init(_ log: String) {
    let lines = log.split(whereSeparator: \.isNewline).map(Self.withoutTime).filter { !$0.isEmpty }
    let said = lines.filter { !$0.hasPrefix("NOTICE:") && !$0.hasPrefix("INFO ") && !$0.hasPrefix("DEBUG ") }
    // Below an error, some backends say more: `status code: 412, request id: …`.
    let line = said.last { !$0.hasPrefix("status code:") } ?? said.last
    text = line.map { VisibleText.line(redact(words: String($0.prefix(Self.longest)))) }
  }

  /// `2026/11/29 21:36:11 ERROR : …`
  private static func withoutTime(_ line: Substring) -> Substring {
    let trimmed = line.drop(while: \.isWhitespace)
    guard let match = trimmed.prefixMatch(of: #/\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\s+/#) else { return trimmed }
    return trimmed[match.range.upperBound...]
  }
}
