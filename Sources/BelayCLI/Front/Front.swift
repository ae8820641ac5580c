import BelayBase
import BelayCore

/// Runs a job in a worker: shows what it tells, asks what it asks, hands signals on, and recovers the run if it dies.
package final class Front {
  /// Starts a worker. The front sends it the job.
  package typealias Start = (Job) throws(BelayError) -> WorkerProcess

  private let renderer: any Renderer
  private let keyboard: Keyboard?
  private let signals: SignalPipe
  private let start: Start
  private let openRun: (Int32) -> String?

  /// - Parameters:
  ///   - renderer: Shows the events.
  ///   - keyboard: Answers questions. nil: nobody is there.
  ///   - signals: Those that ask to stop.
  ///   - start: Starts a worker.
  ///   - openRun: The open run that a process of this id has begun, by its journal: a worker may die between beginning a
  ///     run and telling of it.
  package init(
    renderer: any Renderer, keyboard: Keyboard?, signals: SignalPipe, start: @escaping Start,
    openRun: @escaping (Int32) -> String? = { _ in nil }
  ) {
    self.renderer = renderer
    self.keyboard = keyboard
    self.signals = signals
    self.start = start
    self.openRun = openRun
  }

  /// Does the job and shows its result, also where the worker dies of it.
  package func run(_ job: Job) -> RunResult {
    let result = outcome(of: job)
    renderer.show(.result(result))
    return result
  }

  /// Does the job and shows all but its result, which is the caller's to show.
  package func outcome(of job: Job) -> RunResult {
    let first: Conversation.Outcome
    do {
      first = try talk(about: job)
    } catch {
      return RunResult(failure: error)
    }
    if let result = first.result { return result }
    guard let run = first.run ?? openRun(first.pid) else {
      return WorkerDeath.beforeRun(job, ending: first.ending, lastWords: first.lastWords)
    }

    note(.error, "the worker \(first.ending) in the middle of run \(run)")
    if let words = first.lastWords { note(.error, words) }
    note(.notice, "a new worker reads the journal of that run and rolls back")
    var recovery = job
    recovery.work = .recover(RecoverRequest(run: run, afterCrash: true))
    do {
      let second = try talk(about: recovery)
      var result =
        second.result ?? WorkerDeath.inRecovery(run: run, cause: "the second worker \(second.ending) too")
      let words = [first.lastWords, second.result == nil ? second.lastWords : nil].compactMap { $0 }
      result.add(causes: words.map { "when the worker died, \($0)" } + WorkerDeath.limits(first.ending))
      return result
    } catch {
      return WorkerDeath.inRecovery(run: run, cause: error.message)
    }
  }

  private func talk(about job: Job) throws(BelayError) -> Conversation.Outcome {
    let worker = try start(job)
    worker.send(job)
    let conversation = Conversation(
      with: worker, about: job.work, renderer: renderer, keyboard: keyboard, signals: signals)
    return conversation.follow()
  }

  private func note(_ level: LogLine.Level, _ message: String) {
    renderer.show(.log(LogLine(level, message)))
  }
}
