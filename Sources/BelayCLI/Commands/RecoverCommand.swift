import ArgumentParser
import BelayBase
import BelayCore
import BelayDatabase
import BelayStore
import Foundation
import SystemPackage

struct RecoverCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Finish or undo runs that were cut off.",
    discussion: """
      Reads each open run's journal, and brings its database to what it was before or, where the change was committed, to \
      what it is after; then proves it. Drops former databases whose time is over. Safe to call at any time, and more than \
      once.

      Example:
        belay recover
      """)

  @Argument(help: "The run's id. Else all open runs of the store.") var run: String?
  @Option(name: .long, help: "The run's target, where its URL needs a secret that belay.yaml does not resolve.")
  var target: String?
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let store = session.settings(configuration).store
    let shelf = Store(FilePath(store))
    let open = try shelf.openRuns().map(\.record).filter { run == nil || $0.id == run }
    let front = session.front(store: store, keyboard: nil)
    // One worker for each: a driver that one run's target crashes leaves the others their chance.
    var jobs: [Job] = []
    for record in open {
      jobs.append(try job(RecoverRequest(run: record.id), on: record, configuration, session))
    }
    for record in run == nil ? shelf.overdue(except: Set(open.map(\.identity))) : [] {
      jobs.append(try job(RecoverRequest(formersOf: record.identity), on: record, configuration, session))
    }
    // Without an open run the worker says so.
    if jobs.isEmpty { jobs = [try job(RecoverRequest(run: run), on: nil, configuration, session)] }
    return session.end(RunResult.together(jobs.map(front.outcome)) ?? RunResult(.done, "there is nothing to recover"))
  }

  private func job(
    _ request: RecoverRequest, on record: RunRecord?, _ configuration: BelayBase.Configuration, _ session: Session
  ) throws(BelayError) -> Job {
    var chosen: BelayBase.Configuration.ChosenTarget?
    if let target {
      chosen = try session.target(target, in: configuration)
    } else if let name = record?.target, configuration.targets.contains(where: { $0.name == name }) {
      // The journal's own URL has no secrets.
      chosen = try session.target(name, in: configuration)
    }
    let settings = session.settings(configuration, for: chosen)
    return Job(.recover(request), target: chosen?.target, settings: settings, interactive: false)
  }
}

extension Store {
  /// One run of each target that has former databases whose time is over. A recovery on a target drops its own.
  fileprivate func overdue(except recovered: Set<String>) -> [RunRecord] {
    let now = Date()
    var seen = recovered
    return formers().filter { $0.isOver(at: now) }.map(\.run).filter { seen.insert($0.identity).inserted }
  }
}
