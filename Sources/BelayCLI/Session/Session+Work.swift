import BelayCore
import BelayDrivers
import Foundation

extension Session {
  /// Does a job in a worker, from here to its end.
  func run(_ work: Job.Work, target: Target?, settings: Settings, dataOnStandardOutput: Bool = false) -> ExitStatus {
    let keyboard = Keyboard.atTerminal()
    let job = Job(work, target: target, settings: settings, interactive: keyboard != nil)
    return front(keyboard: keyboard, dataOnStandardOutput: dataOnStandardOutput).run(job).status
  }

  /// A front whose workers are this executable. One for each call of belay: it takes the signals.
  func front(keyboard: Keyboard?, dataOnStandardOutput: Bool = false) -> Front {
    let signals = SignalPipe()
    signals.catchSignals()
    let executable = executable
    return Front(renderer: renderer, keyboard: keyboard, signals: signals) { _ throws(BelayError) in
      // Not by `executable`: that file may have been replaced by an update meanwhile.
      try WorkerProcess.start(
        executable: "/proc/self/exe", arguments: [executable, Worker.subcommand],
        dataOnStandardOutput: dataOnStandardOutput)
    }
  }

  /// Does a job that loads no driver and changes nothing, in this process. A signal ends it at once.
  func runHere(_ work: Job.Work, settings: Settings) -> ExitStatus {
    let narrator = DirectNarrator(renderer)
    let engine = Engine(settings: settings, narrator: narrator, cancellation: Cancellation())
    return end(engine.run(Job(work, target: nil, settings: settings, interactive: false)))
  }
}
