import DriverTesting
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

  /// Kills a migration, and its front, right before its last statement.
  /// - Parameter model: an equal folder, in which the migration is applied first: its journal says where that is.
  func killMigrationBeforeLastStatement(as model: BelayFolder) throws {
    try killMigration(at: "statement", as: model)
  }

  /// Kills a migration, and its front, behind the last journaled step of this name.
  func killMigration(at step: String, as model: BelayFolder) throws {
    try #require(try [0, 3].contains(model.belay("migrate", model.url, "--yes", "--no-rehearse").status))
    let journal = try String(
      contentsOf: model.store.appending(path: "runs/\(model.latest())/journal.ndjson"), encoding: .utf8)
    let last = try #require(journal.split(separator: "\n").lastIndex { $0.contains("\"\(step)\"") })
    _ = try belay("migrate", url, "--yes", "--no-rehearse", environment: ["BELAY_FAULT": "kill-both:\(last):after"])
    try statusWithoutRunning()
  }

  /// What `belay status` says as soon as no run is at work any more: a process that was killed takes a moment to end.
  @discardableResult
  func statusWithoutRunning() throws -> Program.Outcome {
    var status = try belay("status")
    try eventually("no run at work") {
      if !status.output.contains("running") { return true }
      status = try belay("status")
      return false
    }
    return status
  }
}
