import ArgumentParser
import BelayBase
import BelayCore
import Foundation

struct StatusCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show open runs, previous databases that are kept, and each target's last backup with its age.",
    discussion: """
      Exits with 11 if a run was interrupted and needs `belay recover`, else with 3 if there is no backup, or a target in \
      belay.yaml has none.

      Example:
        belay status
      """)

  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let settings = session.settings(configuration)
    let shelf = StoreShelf(settings.store)
    let runs = try shelf.openRuns()
    for run in runs {
      session.renderer.show(
        run,
        as: ["\(run.isAlive ? "running    " : "interrupted")  \(run.id)  \(run.kind) of \(run.target)"]
          + (run.damage.map { ["             \($0)"] } ?? []))
    }
    for previous in try shelf.previousDatabases() {
      let line =
        previous.isCopy
        ? "leftover     \(previous.url)  a copy of \(previous.target): `belay recover` drops it"
        : "kept         \(previous.url)  previous content of \(previous.target), until \(previous.until)"
      session.renderer.show(previous, as: [line])
    }
    let backups = try shelf.newestBackups()
    for (target, last) in backups {
      session.renderer.show(
        last, as: ["last backup  \(last.id)  \(Self.age(of: last.createdAt, now: Date())) old  \(target)"])
    }
    var missing = configuration.targets.map(\.name).filter { name in !backups.contains { $0.target == name } }
    for name in missing {
      session.renderer.show(NoArchive(store: settings.store, target: name), as: ["no backup    \(name)"])
    }
    if backups.isEmpty, missing.isEmpty {
      session.renderer.show(NoArchive(store: settings.store), as: ["there is no backup in \(settings.store)"])
      missing = [settings.store]
    }
    if let cutOff = runs.first(where: { !$0.isAlive }) {
      throw BelayError(.locked, "run \(cutOff.id) was interrupted", hint: "run `belay recover`")
    }
    let newest = backups.isEmpty ? nil : try shelf.newestBackup()
    return session.end(
      RunResult(
        missing.isEmpty ? .done : .doneWithWarnings, runs.isEmpty ? "no open run" : "\(runs.count) running",
        archive: newest?.id))
  }

  /// How old something of an ISO 8601 moment is.
  static func age(of moment: String, now: Date) -> String {
    do {
      let created = try Date(moment, strategy: .iso8601)
      let minutes = max(0, Int(now.timeIntervalSince(created) / 60))
      if minutes < 60 { return "\(minutes) min" }
      if minutes < 48 * 60 { return "\(minutes / 60) h" }
      return "\(minutes / 60 / 24) days"
    } catch {
      return "of unknown age (\(moment)),"
    }
  }

  /// `--json`: the record that there is no backup at all.
  private struct NoArchive: Encodable {
    var event = "no_archive"
    var store: String
    /// nil: of no target at all.
    var target: String?
  }
}
