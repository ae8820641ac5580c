import BelayBase
import BelayCore
import BelayProcess
import Glibc

/// The front's talk with one worker, from its first event to its end.
final class Conversation {
  /// What is known at the end.
  struct Outcome {
    /// The run's id, once one had begun.
    var run: String?
    /// nil: the worker died without it.
    var result: RunResult?
    /// What it did last, and with which driver; nil where it had none.
    var lastWords: String?
    var ending: ProcessEnding
    /// The worker's process id.
    var pid: Int32
  }

  private let worker: WorkerProcess
  private let renderer: any Renderer
  private let keyboard: Keyboard?
  private let signals: SignalPipe
  private var isRollingBack: Bool
  private let changesDatabase: Bool
  private var question: Question?
  private var run: String?
  private var result: RunResult?

  /// A worker may die and leave a child that holds its pipe, so whether it lives is asked for now and then too.
  private static let lookAroundMilliseconds: Int32 = 500

  init(
    with worker: WorkerProcess, about work: Job.Work, renderer: any Renderer, keyboard: Keyboard?, signals: SignalPipe
  ) {
    self.worker = worker
    self.renderer = renderer
    self.keyboard = keyboard
    self.signals = signals
    isRollingBack = work.isRecovery
    changesDatabase = work.changesDatabase
  }

  /// Shows, asks and hands on until the worker is gone.
  func follow() -> Outcome {
    var events = LineReader(descriptor: worker.events)
    var isOpen = true
    while isOpen {
      let asksAt = question == nil ? -1 : keyboard?.descriptor ?? -1
      var waiting = [worker.events, signals.descriptor, asksAt].map {
        // poll ignores a negative descriptor.
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      let ready = poll(&waiting, nfds_t(waiting.count), Self.lookAroundMilliseconds)
      if ready == 0 {
        if worker.hasEnded() { break }
        renderer.tick()
      }
      guard ready > 0 else { continue }
      if waiting[1].revents != 0 { handOnSignals() }
      if waiting[2].revents != 0 { handOnAnswer() }
      if waiting[0].revents != 0 {
        switch events.next() {
        case .end: isOpen = false
        case .lines(let lines): for line in lines { take(line) }
        }
      }
    }
    // A worker whose pipe is closed but which still lives has the database in its hands: nothing goes on before its end.
    worker.closeCommands()
    let ending = worker.wait()
    return Outcome(run: run, result: result, lastWords: worker.lastWords, ending: ending, pid: worker.pid)
  }

  private func take(_ line: [UInt8]) {
    let event: Event
    do {
      event = try EventLine.decode(Event.self, from: line)
    } catch {
      note(.warning, "unreadable message from the worker: \(String(decoding: line, as: UTF8.self))")
      return
    }
    switch event {
    case .result(let told):
      // Shown at the very end, and only one: a recovery may take its place.
      result = told
      return
    case .run(let started): run = started.id
    case .phase(let started) where [.back, .prove].contains(started.phase): isRollingBack = true
    case .question(let asked):
      renderer.show(event)
      put(asked)
      return
    case .loading, .phase, .progress, .estimate, .log, .finding, .diagnosis, .check, .section, .observed, .difference,
      .migration, .tableCopy, .command:
      break
    }
    renderer.show(event)
  }

  private func put(_ asked: Question) {
    guard let keyboard else {
      worker.send(Command.answer(Answer(id: asked.id, text: asked.kind == .yesNo ? "no" : "")))
      return
    }
    keyboard.show(asked)
    question = asked
  }

  private func handOnAnswer() {
    guard let asked = question, let keyboard else { return }
    guard let answer = keyboard.answer(to: asked) else { return }
    question = nil
    worker.send(Command.answer(answer))
  }

  private func handOnSignals() {
    for signal in signals.taken() {
      // The front stays until the rollback has ended: it must show how that ends, and exit with it.
      worker.send(Command.cancel(signal: signal.number, isFromTerminal: signal.isFromTerminal ? true : nil))
      if question != nil { keyboard?.leave() }
      question = nil
      note(
        .warning,
        isRollingBack
          ? "the rollback is not interrupted: it ends with a proof that the database is as it was; if the driver "
            + "hangs, kill -9 \(worker.pid) starts another worker, which takes over"
          : "stopping on \(Self.name(of: signal.number))" + (changesDatabase ? " and rolling back" : ""))
      if changesDatabase { isRollingBack = true }
    }
  }

  private func note(_ level: LogLine.Level, _ message: String) {
    renderer.show(.log(LogLine(level, message)))
  }

  private static func name(of signal: Int32) -> String {
    switch signal {
    case SIGINT: "Ctrl+C"
    case SIGTERM: "SIGTERM"
    case SIGHUP: "SIGHUP"
    default: "signal \(signal)"
    }
  }
}
