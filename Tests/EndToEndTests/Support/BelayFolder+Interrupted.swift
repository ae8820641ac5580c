import Foundation
import Testing

extension BelayFolder {
  /// Kills `belay migrate` and its worker in the middle of their work.
  /// - Parameter target: with at least one migration to apply.
  /// - Returns: the id of the run that is left, and waits for `belay recover`.
  func interruptMigration(of target: String) throws -> String {
    // Each journal line until the run is found interrupted: which line is of no interest here.
    for step in 5..<30 {
      let run = try belay("migrate", target, "--yes", environment: ["BELAY_FAULT": "kill-both:\(step):after"])
      guard run.status == 137 else { continue }
      if let open = try statusWithoutRunning().output.firstMatch(of: /interrupted  (\S+)/) { return String(open.1) }
      try belay("recover")
    }
    return try #require(nil as String?, "no run was left interrupted")
  }

  /// What `belay status` says as soon as no run is at work any more: a process that was killed takes a moment to end.
  @discardableResult
  func statusWithoutRunning() throws -> Program.Outcome {
    let limit = Date(timeIntervalSinceNow: 30)
    var status = try belay("status")
    while status.output.contains("running"), Date() < limit {
      usleep(20_000)
      status = try belay("status")
    }
    return status
  }
}
