import BelayBase
import Synchronization

/// What the engine says while statements run - its notices and warnings - told with the statement, and kept for the
/// report.
package final class DriverLines: Sendable {
  private let narrator: any Narrator
  private let prefix: String
  private let kept = Mutex<[String]>([])
  /// A loop in a function can say a million things.
  private static let most = 1000

  init(narrator: any Narrator, prefix: String) {
    self.narrator = narrator
    self.prefix = prefix
  }

  package func take(_ line: LogLine, at place: String) {
    guard [.notice, .warning, .error].contains(line.level) else { return narrator.tell(.log(line)) }
    let text = "\(prefix)\(place): \(line.message)"
    let count = kept.withLock { kept in
      if kept.count <= Self.most { kept.append(line.level == .notice ? text : "\(line.level.rawValue): \(text)") }
      return kept.count
    }
    guard count <= Self.most else { return }
    narrator.tell(.log(LogLine(line.level, text)))
  }

  package var lines: [String] {
    kept.withLock { $0.count > Self.most ? $0.dropLast() + ["and more"] : $0 }
  }
}
