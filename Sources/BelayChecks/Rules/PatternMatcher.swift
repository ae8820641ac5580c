import BelayBase
import BelayDrivers
import Foundation

/// A regular expression that can be stopped: some take longer than anybody lives for a text that they do not match.
struct PatternMatcher {
  private let expression: NSRegularExpression
  private let deadline: ContinuousClock.Instant?
  private let cancellation: Cancellation

  init(_ pattern: String, deadline: ContinuousClock.Instant?, cancellation: Cancellation) throws(BelayError) {
    do { expression = try NSRegularExpression(pattern: pattern) } catch {
      throw BelayError(.checkFailed, "`\(pattern)` is not a regular expression")
    }
    self.deadline = deadline
    self.cancellation = cancellation
  }

  /// - Throws: `.checkFailed` where it takes too long, or the engine gives up: that is no answer.
  func matches(_ text: String) throws(BelayError) -> Bool {
    var (isFound, isStopped, hasGivenUp) = (false, false, false)
    expression.enumerateMatches(
      in: text, options: [.reportProgress, .reportCompletion],
      range: NSRange(location: 0, length: text.utf16.count)
    ) { match, flags, stop in
      // It has no room for what it has yet to try.
      if flags.contains(.internalError) { hasGivenUp = true }
      if match != nil { isFound = true } else if isOver { isStopped = true }
      if isFound || isStopped { stop.pointee = true }
    }
    if isFound { return true }
    if isStopped || cancellation.isCancelled { throw BelayError(.checkFailed, "the pattern takes too long") }
    if hasGivenUp {
      throw BelayError(.checkFailed, "the pattern is too much for the engine of regular expressions: make it simpler")
    }
    return false
  }

  private var isOver: Bool { deadline.map { $0 <= .now } ?? false || cancellation.isCancelled }
}
