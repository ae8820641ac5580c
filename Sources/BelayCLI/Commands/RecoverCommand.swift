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
    abstract: "Finish or undo runs that were interrupted.",
    discussion: """
      Reads the journal of each open run. Returns the database to its state before the run or, if the change was \
      committed, completes the run; then proves the result. Drops previous databases that have expired. Safe to call at any \
      time, and repeatedly.

      Where a backup has to be put in place, what is in the database is saved first, as an archive of its own. At a terminal \
      belay then shows which rows differ, and asks; --yes answers. Without a terminal it goes on.

      Example:
        belay recover
      """)

  @Argument(help: "The run's id. Default: all open runs in the store.", completion: .openRun) var run: String?
  @Option(
    name: .long, help: "The run's target, if its URL needs a secret and the target is not in belay.yaml.",
    completion: .target)
  var target: String?
  @Flag(
    name: .long,
    help: "Restore an archive that this store has not made: what it contains runs with your rights on the server.")
  var trust = false
  @OptionGroup var keys: KeyOptions
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let store = session.settings(configuration).store
    let runs = Store(FilePath(store)).runs
    try runs.checkOwnership()
    let open = try runs.openRuns().filter { run == nil || $0.record.id == run }
    let overdue = run == nil ? try runs.overdue(except: Set(open.map(\.record.identity))) : []
    let keyboard = Keyboard.atTerminal()
    let front = try session.front(store: store, keyboard: keyboard)
    // One worker for each: a driver that one run's target crashes leaves the others their chance, and so does a target that
    // cannot be resolved.
    var results: [RunResult] = []
    func recover(_ request: RecoverRequest, on record: RunRecord?) {
      var request = request
      request.trust = trust
      do throws(BelayError) {
        var job = try job(request, on: record, configuration, session)
        job.interactive = keyboard != nil
        results.append(front.outcome(of: job))
      } catch {
        results.append(RunResult(failure: error))
      }
    }
    for open in open {
      // What is damaged is not opened.
      recover(RecoverRequest(run: open.record.id), on: open.damage == nil ? open.record : nil)
    }
    for record in overdue { recover(RecoverRequest(previousDatabasesOf: record.identity), on: record) }
    // Without an open run the worker says so.
    if results.isEmpty { recover(RecoverRequest(run: run), on: nil) }
    return session.end(
      RunResult.together(results) ?? RunResult(.done, "there is nothing to recover"))
  }

  private func job(
    _ request: RecoverRequest, on record: RunRecord?, _ configuration: BelayBase.Configuration, _ session: Session
  ) throws(BelayError) -> Job {
    var resolved: BelayBase.Target?
    if let record { resolved = try session.resolver(configuration).target(target, recorded: record.recordedTarget) }
    return Job(
      .recover(request), target: resolved, settings: keys.settings(configuration, in: session), interactive: false)
  }
}

extension RunState {
  /// One run of each target that has previous databases whose time is over. A recovery on a target drops its own.
  fileprivate func overdue(except recovered: Set<String>) throws(BelayError) -> [RunRecord] {
    let now = Date()
    var seen = recovered
    return try previousDatabases().filter { $0.isOver(at: now) }.map(\.run).filter { seen.insert($0.identity).inserted }
  }
}
