import BelayBase
import BelayCore
import BelayDatabase
import BelayDrivers
import Foundation
import Glibc

/// The process that loads the driver and does the work. It lives apart from the front so that a driver that crashes does
/// not take the rollback with it, and a front that goes away does not take the worker.
///
/// Its stdin brings the job as the first line, then commands; its descriptor 3 takes the events.
package struct Worker {
  /// What the front's executable is called with to be a worker. Not for people.
  package static let subcommand = "__worker"
  /// The descriptor that takes the events.
  package static let eventDescriptor: Int32 = 3
  /// Where it was asked for, the caller's stdin and stdout: the worker's own have other uses.
  package static let input: Int32 = 5
  package static let output: Int32 = 6

  /// The work itself: the core's engine, or what a test puts in its place.
  package typealias Work = @Sendable (Job, any Narrator, Cancellation) -> RunResult

  private let work: Work
  private let board: LastWordsBoard?

  package init(_ work: @escaping Work) { self.init(work, board: nil) }

  private init(_ work: @escaping Work, board: LastWordsBoard?) {
    self.work = work
    self.board = board
  }

  /// Does one job as a process of its own and exits with its status.
  package static func main(_ work: @escaping Work) -> Never {
    // A front that is gone must not kill the worker, and it is in the background of the terminal: writing there must
    // not stop it.
    for ignored in [SIGPIPE, SIGTTOU, SIGTTIN] { signal(ignored, SIG_IGN) }
    let cancellation = Cancellation()
    let hasSignals = SignalThread.start { signal, _ in cancellation.cancel(signal: signal) }
    // The driver's own children must not hold the pipe open: the front takes its closing for the worker's death.
    _ = fcntl(eventDescriptor, F_SETFD, FD_CLOEXEC)
    for stream in [input, output] { _ = fcntl(stream, F_SETFD, FD_CLOEXEC) }
    let board = LastWordsBoard.ofWorker()
    // Without a thread for signals nobody could stop it.
    let refusal: Work = { _, _, _ in noThread }
    let status = Worker(hasSignals ? work : refusal, board: board)
      .run(commands: STDIN_FILENO, events: eventDescriptor, cancellation: cancellation)
    fflush(nil)
    // Not `exit`: a driver's destructor that hangs or crashes must not spoil a run that is over.
    _exit(status.rawValue)
  }

  private static var noThread: RunResult {
    RunResult(failure: BelayError.noThread.with(state: "nothing was changed"))
  }

  /// Reads the job, does it, tells the result.
  /// - Parameters:
  ///   - commands: Brings the job and the commands. Its end means that the front is gone: stop and go back.
  ///   - events: Takes the events.
  ///   - cancellation: Fired by a cancel command and by the end of `commands`.
  /// - Returns: The result's status.
  package func run(commands: Int32, events: Int32, cancellation: Cancellation) -> ExitStatus {
    var reader = LineReader(descriptor: commands)
    var lines: [[UInt8]] = []
    while lines.isEmpty {
      switch reader.next() {
      case .end: return .usage
      case .lines(let new): lines += new
      }
    }
    let job: Job
    do {
      job = try EventLine.decode(Job.self, from: lines.removeFirst())
    } catch {
      let error = BelayError(.usage, "the worker cannot decode its job", causes: ["\(error)"])
      let narrator = PipeNarrator(descriptor: events, interactive: false, cancellation: cancellation)
      narrator.tell(.result(RunResult(failure: error)))
      narrator.finish()
      return .usage
    }

    let narrator = PipeNarrator(
      descriptor: events, interactive: job.interactive, cancellation: cancellation, board: board)
    let listener = CommandListener(reader: reader, narrator: narrator, cancellation: cancellation)
    listener.take(lines)

    let result: RunResult
    if !listener.start() {
      result = Self.noThread
    } else if let folder = job.target?.folder, chdir(folder) != 0 {
      let error = BelayError(
        .notFound, "cannot change to the folder \(folder)", state: "nothing was changed",
        causes: [String(cString: strerror(errno))])
      result = RunResult(failure: error)
    } else {
      result = work(job, narrator, cancellation)
    }
    narrator.tell(.result(result))
    narrator.finish()
    return result.status
  }
}
