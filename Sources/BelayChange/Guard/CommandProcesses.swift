import BelayBase
import BelayDatabase
import BelayProcess
import BelayStore
import Glibc
import SystemPackage

/// The processes of a guarded command, found by the folder of its run: also by a recovery, which must not put a database back while
/// they write to it.
package struct CommandProcesses: Sendable {
  package static let variable = "BELAY_GUARD"
  private static let grace = Duration.seconds(5)

  private(set) var marked: MarkedProcesses

  /// The folder, for two stores may have runs of one id. Its links are resolved: a recovery may come by another path.
  package init(run: String, _ context: RunContext) {
    let folder = context.store.runs.folder(of: run).string
    let resolved = realpath(folder, nil)
    defer { free(resolved) }
    marked = MarkedProcesses(name: Self.variable, value: resolved.map { String(cString: $0) } ?? folder)
  }

  mutating func begin(with root: Int32) { marked.root = root }

  /// The command's first process has been waited for.
  mutating func rootHasEnded() { marked.root = nil }

  /// Ends whatever is still at work, and says so.
  package func end(_ context: RunContext) {
    let ended = marked.end(after: Self.grace)
    guard !ended.isEmpty else { return }
    context.log(.warning, "ended what the command has left running: \(Self.words(ended))")
  }

  /// "4711 (sleep 60), 4712 (psql)"
  static func words(_ processes: [RunningProcess]) -> String {
    let shown = processes.prefix(5).map { "process \($0.pid) (\(redactedWords($0.words)))" }
    return shown.joined(separator: ", ")
      + (processes.count > shown.count ? " and \(processes.count - shown.count) more" : "")
  }
}
