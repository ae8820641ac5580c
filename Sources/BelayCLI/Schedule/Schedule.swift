import BelayBase

/// What belay does between migrations, and when.
struct Schedule {
  /// In the names of the units: letters, digits, `-` and `_`.
  let name: String
  /// Names of belay.yaml.
  let targets: [String]
  /// Minutes since midnight of the backup; the others come after it.
  let minutes: Int
  /// An age that a missed backup exceeds, and an archive that has not been proven for too long.
  static let longestAge = "26h"
  static let longestProofAge = "31d"

  var jobs: [ScheduledJob] {
    let backups = targets.map { target in
      job(
        "backup-\(target)", "back up \(target), and prove the backup by restoring it",
        ["backup", target, "--kind", "scheduled"],
        .daily, hoursLater: 0)
    }
    let oldest = targets.map { target in
      job(
        "oldest-\(target)", "restore the oldest archive of \(target) that is kept",
        ["verify", "oldest:\(target)", "--level", "restore"], .firstOfMonth, hoursLater: 2)
    }
    let copies = targets.map { target in
      job(
        "copies-\(target)", "drop the copies of tables in \(target) whose time is over",
        ["snapshot-table", target, "--prune", "--confirm"], .daily, hoursLater: 4)
    }
    return backups + [
      job(
        "verify", "restore the archives whose proof is oldest, for two hours at most",
        ["verify", "--all", "--level", "restore", "--budget", "2h"], .sundays, hoursLater: 1)
    ] + oldest + [
      job(
        "prune", "remove the archives that no rule of belay.yaml keeps", ["prune", "--confirm"], .daily, hoursLater: 4)
    ] + copies + [
      job(
        "status", "fail if a backup or a proof is missing or too old",
        ["status", "--max-age", Self.longestAge, "--max-proof-age", Self.longestProofAge], .daily, hoursLater: 5,
        isDoneWithWarnings: false)
    ]
  }

  private func job(
    _ name: String, _ about: String, _ arguments: [String], _ days: ScheduledTime.Days, hoursLater hours: Int,
    isDoneWithWarnings: Bool = true
  ) -> ScheduledJob {
    ScheduledJob(
      name: "belay-\(self.name)-\(name)", about: about, arguments: arguments,
      time: ScheduledTime(days: days, minutes: (minutes + hours * 60) % (24 * 60)),
      isDoneWithWarnings: isDoneWithWarnings)
  }

  /// A name for a folder's schedule: what of its name can stand in the name of a unit.
  static func name(ofFolder folder: String) -> String {
    let last = folder.split(separator: "/").last.map(String.init) ?? "belay"
    let name = String(last.map { isInNames($0) ? $0 : "-" })
    return name.allSatisfy { $0 == "-" } ? "belay" : name
  }

  static func isInNames(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == "_")
  }
}

/// How the jobs of a schedule are called. All paths are absolute.
struct ScheduledCall {
  let executable: String
  /// belay.yaml.
  let configuration: String
  /// Where belay.yaml lies.
  let folder: String
  let store: String
  let driverPaths: [String]
  /// A file of NAME=VALUE lines, for the variables that belay.yaml takes from the environment; nil: none.
  let environmentFile: String?

  func words(_ job: ScheduledJob) -> [String] {
    [executable] + job.arguments + ["--config", configuration, "--store", store]
      + driverPaths.flatMap { ["--driver-path", $0] }
  }
}
