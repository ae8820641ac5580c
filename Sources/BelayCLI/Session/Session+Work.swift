import BelayBase
import BelayCore
import BelayDrivers
import BelayStore
import Foundation
import SystemPackage

extension Session {
  /// Does a job in a worker, from here to its end.
  func run(
    _ work: Job.Work, target: Target?, settings: Settings, dataOnStandardOutput: Bool = false,
    passesStreams: Bool = false
  ) throws(BelayError) -> ExitStatus {
    let keyboard = Keyboard.atTerminal()
    let job = Job(work, target: target, settings: settings, interactive: keyboard != nil)
    return try front(
      store: settings.store, keyboard: keyboard, dataOnStandardOutput: dataOnStandardOutput,
      passesStreams: passesStreams
    ).run(job).status
  }

  /// Does a change, and takes a backup when it has succeeded, if the settings say so.
  func change(
    _ work: Job.Work, target: Target, settings: Settings, passesStreams: Bool = false
  ) throws(BelayError) -> ExitStatus {
    let keyboard = Keyboard.atTerminal()
    let signals = SignalPipe()
    let front = try front(
      store: settings.store, keyboard: keyboard, passesStreams: passesStreams, signals: signals)
    var result = front.outcome(of: Job(work, target: target, settings: settings, interactive: keyboard != nil))
    // What can be undone has changed something.
    if settings.migrations.backsUpAfter, result.error == nil, result.undo != nil {
      var request = BackupRequest()
      request.name = "after-migration"
      request.kind = request.name
      let after = try self.front(store: settings.store, keyboard: nil, signals: signals, catches: false)
        .outcome(of: Job(.backup(request), target: target, settings: settings, interactive: false))
      if let error = after.error {
        result.add(warning: "the backup after it failed: \(error.message)")
      } else {
        result.summary += "; \(after.summary)"
        if after.status == .doneWithWarnings { result = result.withWarnings() }
      }
    }
    renderer.show(.result(result))
    return result.status
  }

  /// A front whose workers are this executable. One for each call of belay: it takes the signals.
  /// - Parameters:
  ///   - showing: sees the events in place of the session's renderer.
  ///   - signals: where they arrive, for a caller that waits for them too.
  ///   - catches: they are caught from now on. `false`: they are already.
  func front(
    store: String, keyboard: Keyboard?, dataOnStandardOutput: Bool = false, passesStreams: Bool = false,
    showing: (any Renderer)? = nil, signals: SignalPipe = SignalPipe(), catches: Bool = true
  ) throws(BelayError) -> Front {
    if catches { try signals.catchSignals() }
    let executable = executable
    return Front(
      renderer: showing ?? renderer, keyboard: keyboard, signals: signals,
      start: { _ throws(BelayError) in
        // Not by `executable`: that file may have been replaced by an update meanwhile.
        try WorkerProcess.start(
          executable: "/proc/self/exe", arguments: [executable, Worker.subcommand],
          dataOnStandardOutput: dataOnStandardOutput, passesStreams: passesStreams)
      }, openRun: { Self.openRun(of: $0, in: store) })
  }

  private static func openRun(of process: Int32, in store: String) -> String? {
    do {
      return try Store(FilePath(store)).runs.openRuns().last { $0.record.processID == process }?.record.id
    } catch {
      // A store that cannot be read offers no journal to recover by either; `belay recover` says why.
      return nil
    }
  }

  /// Does a job that loads no driver and changes nothing, in this process. A signal ends it at once.
  func runHere(_ work: Job.Work, settings: Settings) -> ExitStatus {
    let narrator = DirectNarrator(renderer)
    let runner = JobRunner(narrator: narrator, cancellation: Cancellation())
    return end(runner.run(Job(work, target: nil, settings: settings, interactive: false)))
  }
}
