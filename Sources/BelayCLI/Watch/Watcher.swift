import BelayBase
import BelayCore
import BelayStore
import Foundation
import SystemPackage

/// `belay watch`: the checks over and over, in workers that come and go, so that nothing piles up here.
final class Watcher {
  struct Options {
    var every: Duration
    /// nil: until a signal.
    var rounds: Int?
    var limits: TargetStatus.Limits
    /// Absolute; nil: none.
    var prometheus: String?
  }

  private let session: Session
  private let options: Options
  private let settings: Settings
  private let checks: TargetChecks
  private let targets: [WatchedTarget]
  private let hooks: [Hook]
  private let hookLog: HookLog
  private let signals: SignalPipe
  private var isStopped = false
  /// Of the last failure to write the file: told once.
  private var prometheusFailure: String?

  init(
    _ typed: [String], _ options: Options, _ configuration: Configuration, in session: Session
  ) throws(BelayError) {
    self.session = session
    self.options = options
    settings = session.settings(configuration)
    var hooks: [Hook] = []
    for hook in configuration.watch.onChange {
      hooks.append(
        try Hook(
          hook, file: configuration.file, folder: configuration.folder, environment: session.environment))
    }
    self.hooks = hooks
    signals = SignalPipe()
    checks = try TargetChecks(typed, in: session, showing: SilentRenderer(), signals: signals)
    let runs = Store(FilePath(settings.store)).runs
    hookLog = HookLog(runs: runs)
    var targets: [WatchedTarget] = []
    for chosen in checks.targets { targets.append(try WatchedTarget(chosen, runs: runs)) }
    self.targets = targets
  }

  func run() -> RunResult {
    let names = targets.map(\.chosen.name).joined(separator: ", ")
    log(.notice, "watching \(names) every \(Self.text(options.every))")
    for target in targets {
      for warning in target.history.warnings { log(.warning, warning) }
      tellSetBack(target)
      // A process that was killed right after it had seen them may not have told them.
      if !target.history.untold.isEmpty, let last = target.history.last {
        tell(target.history.untold, of: last.round, target)
      }
    }
    var rounds = 0
    var next = ContinuousClock.now
    while !isStopped {
      let statuses = self.statuses()
      for target in targets where !isStopped { watch(target, statuses.map { $0.first(of: target) }) }
      if isStopped { break }
      rounds += 1
      writePrometheus(statuses)
      if rounds == options.rounds { break }
      next += options.every
      // Rounds that were missed are not made up for.
      while next < .now { next += options.every }
      pause(until: next)
    }
    return result(rounds: rounds)
  }

  // MARK: A round

  private func watch(_ target: WatchedTarget, _ status: TargetStatus??) {
    let checked = checks.check(target.chosen)
    guard !checked.result.isInterrupted else {
      isStopped = true
      return
    }
    let isFirst = target.record == nil
    let backups = status.map { BackupResults(status: $0, limits: options.limits).results } ?? []
    let record = target.take(checked, backups: backups)
    if isFirst { log(.notice, target.summary) }
    tellSetBack(target)
    // On the disk first: what was seen is not lost, whatever happens from here on.
    keep { () throws(BelayError) in try target.history.append(record) }
    tell(record.changes, of: record.round, target)
  }

  private func tell(_ changes: [CheckChange], of round: Int, _ target: WatchedTarget) {
    guard !changes.isEmpty else { return }
    for change in changes {
      session.renderer.show(change, as: [change.line])
      for hook in hooks {
        let outcome = hook.tell(change) { seconds in
          pause(until: .now + .seconds(seconds))
          return isStopped
        }
        if let failure = outcome.failure {
          log(.warning, "the \(hook.label) was not told of \(change.check): \(failure)")
        }
        let entry = HookLog.Entry(
          change, hook: hook.label, attempts: outcome.attempts, failure: outcome.failure, now: Date())
        keep { () throws(BelayError) in try hookLog.append(entry) }
      }
    }
    keep { () throws(BelayError) in try target.history.noteTold(round) }
  }

  /// A full disk must not end the watch: whoever looks must still be told.
  private func keep(_ body: () throws(BelayError) -> Void) {
    do throws(BelayError) { try body() } catch {
      log(.warning, ([error.message] + error.causes).joined(separator: ": "))
    }
  }

  private func tellSetBack(_ target: WatchedTarget) {
    guard let seconds = target.setBack else { return }
    log(
      .warning,
      "the clock was set back by \(DurationText.span(seconds)): how long a state of \(target.chosen.name) lasted before "
        + "may be told too short")
  }

  // MARK: Backups

  /// nil: nobody asks for them, or the store cannot be read.
  private func statuses() -> [TargetStatus]? {
    let limits = options.limits
    guard limits.age != nil || limits.proofAge != nil || limits.removable != nil || options.prometheus != nil else {
      return nil
    }
    do {
      return try TargetStatus.all(
        StoreShelf(settings), named: targets.map(\.chosen.name), retention: settings.retention,
        limits: options.limits, now: Date())
    } catch {
      log(.warning, ([error.message] + error.causes).joined(separator: ": "))
      return nil
    }
  }

  private func writePrometheus(_ statuses: [TargetStatus]?) {
    guard let path = options.prometheus else { return }
    let samples = targets.compactMap { target in
      target.record.map {
        PrometheusText.Sample(target: target.chosen.name, record: $0, status: statuses?.first(of: target))
      }
    }
    do {
      try Durable.write(
        Data(PrometheusText(samples: samples).text.utf8), to: FilePath(path),
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      prometheusFailure = nil
    } catch {
      if prometheusFailure != error.description { log(.warning, "cannot write \(path): \(error.description)") }
      prometheusFailure = error.description
    }
  }

  // MARK: The end

  /// Waits, and notices a signal.
  private func pause(until end: ContinuousClock.Instant) {
    while !isStopped {
      let left = ContinuousClock.now.duration(to: end)
      guard left > .zero else { return }
      var waiting = pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
      // Rounded up: a pause of less than a millisecond is none.
      let milliseconds = Int32(clamping: Int((left.seconds * 1000).rounded(.up)))
      if poll(&waiting, 1, milliseconds) > 0, !signals.taken().isEmpty { isStopped = true }
    }
  }

  private func result(rounds: Int) -> RunResult {
    let count = Counted.text(rounds, "round")
    guard !isStopped else { return RunResult(.done, "stopped after \(count)") }
    let summary = "\(count); " + targets.map(\.summary).joined(separator: "; ")
    return switch targets.map(\.worst).max() ?? .ok {
    case .ok: RunResult(.done, summary)
    case .warning: RunResult(.doneWithWarnings, summary)
    case .failed, .error: RunResult(failure: BelayError(.checkFailed, summary, state: "nothing was changed"))
    }
  }

  private static func text(_ duration: Duration) -> String {
    duration < .seconds(1) ? "\(Int(duration.seconds * 1000)) ms" : DurationText.text(Int(duration.seconds))
  }

  private func log(_ level: LogLine.Level, _ message: String) {
    session.renderer.show(.log(LogLine(level, message)))
  }
}

extension [TargetStatus] {
  fileprivate func first(of target: WatchedTarget) -> TargetStatus? {
    first { $0.target == target.chosen.name } ?? first { $0.url == target.url }
  }
}
