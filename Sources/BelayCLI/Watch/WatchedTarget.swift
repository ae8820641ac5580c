import BelayBase
import BelayCore
import BelayStore
import BelayText
import Foundation

/// One target that is watched: its history, and how its checks stand.
final class WatchedTarget {
  let chosen: TargetChecks.Chosen
  let url: String
  let history: CheckHistory
  private var standing: StandingChecks
  private(set) var record: WatchRecord?
  /// How the last round ended.
  private(set) var worst = CheckResult.Status.ok
  private(set) var summary = ""

  /// - Throws: `.locked` where another process watches it; what is wrong with the target itself.
  init(_ chosen: TargetChecks.Chosen, runs: RunState) throws(BelayError) {
    self.chosen = chosen
    let target = try chosen.target.get()
    url = redact(url: target.url)
    // A path in a URL may start from a folder; what has an authority does not.
    let key = url.contains("://") ? url : "\(target.folder ?? "")\n\(url)"
    let now = Date()
    history = try CheckHistory(runs: runs, target: chosen.name, key: key, now: now)
    standing = StandingChecks(target: chosen.name, after: history.last, now: now, instant: .now)
  }

  var setBack: Int? { standing.setBack }

  /// What a round came to.
  func take(_ checked: CheckedTarget, backups: [CheckResult]) -> WatchRecord {
    // A worker that died has left some of the checks out.
    let failure = checked.result.error.flatMap { $0.kind == .checkFailed && !checked.checks.isEmpty ? nil : $0 }
    var connection = CheckResult(
      name: "connection", template: BackupResults.template, status: failure == nil ? .ok : .failed,
      figure: failure.map { ([$0.message] + $0.causes.prefix(1)).joined(separator: ": ") } ?? "open",
      threshold: "that the checks can be run", milliseconds: checked.milliseconds)
    connection.target = chosen.name
    let results = [connection] + checked.checks + backups
    worst = results.worst
    summary = "\(chosen.name): \(results.summary)"
    let record = standing.take(results, forgetsOthers: failure == nil, now: Date(), instant: .now)
    self.record = record
    return record
  }
}
