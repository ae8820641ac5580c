import BelayBase
import BelayProcess
import Foundation

/// systemctl of the system, or of the user.
struct SystemControl {
  let isOfUser: Bool
  let environment: [String: String]
  let folder: String

  /// Whether there is a systemd that can be told of units now.
  var isRunning: Bool {
    // As sd_booted(3) looks; a user's systemd has its own folder.
    let place = isOfUser ? environment["XDG_RUNTIME_DIR"].map { $0 + "/systemd" } : "/run/systemd/system"
    return place.map { FileManager.default.fileExists(atPath: $0) } ?? false
  }

  func command(_ arguments: [String]) -> [String] { ["systemctl"] + (isOfUser ? ["--user"] : []) + arguments }

  func run(_ arguments: [String]) throws(BelayError) {
    let words = command(arguments)
    let shown = words.map(\.shellWord).joined(separator: " ")
    guard case .found(let path) = CommandSearch("systemctl", path: environment["PATH"], folder: folder) else {
      throw BelayError(.failed, "there is no systemctl in PATH", hint: "where it is, call: \(shown)")
    }
    let outcome: HookProcess.Outcome
    do {
      outcome = try HookProcess(executable: path, arguments: words, input: []).run(limit: .seconds(60))
    } catch {
      throw BelayError(.failed, "cannot start \(path)", causes: [error.reason])
    }
    guard outcome.ending == .exited(0) else {
      throw BelayError(
        .failed, "`\(shown)` failed", hint: "call it by hand, and see what it says",
        state: "the units are as belay wrote them", causes: outcome.output.isEmpty ? [] : [outcome.output])
    }
  }
}
