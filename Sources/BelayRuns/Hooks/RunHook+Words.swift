import BelayBase
import BelayText

extension RunHook {
  /// The command on one line, shortened and without secrets.
  package var shownCommand: String {
    let line = redact(words: command.split(whereSeparator: \.isNewline).joined(separator: " "))
    return line.count > 200 ? line.prefix(197) + "…" : line
  }

  /// For a plan: "hook after apply: npm test, at most 5 min; if it fails, …"
  package var planLine: String {
    "hook \(moment): \(shownCommand), at most \(DurationText.text(timeoutSeconds)); \(consequence)"
  }

  private var consequence: String {
    guard onFailure == .stop else { return "if it fails, that is a warning" }
    let isAfterApply = side == .after && station == .apply
    return isAfterApply ? "if it fails, everything is put back from the backup" : "if it fails, the run ends"
  }
}
