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

  func matches(_ text: String) throws(BelayError) -> Bool {
    var (isFound, isStopped) = (false, false)
    expression.enumerateMatches(
      in: text, options: .reportProgress, range: NSRange(location: 0, length: text.utf16.count)
    ) { match, _, stop in
      if match != nil { isFound = true } else if isOver { isStopped = true }
      if isFound || isStopped { stop.pointee = true }
    }
    if isStopped || (!isFound && cancellation.isCancelled) {
      throw BelayError(.checkFailed, "the pattern takes too long")
    }
    return isFound
  }

  private var isOver: Bool { deadline.map { $0 <= .now } ?? false || cancellation.isCancelled }
}
