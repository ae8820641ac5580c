import BelayBase
import BelayCore
import BelayProcess
import BelaySystem
import Foundation
import Glibc

/// A worker as the front sees it: a process, a pipe for commands, a pipe of events.
package final class WorkerProcess {
  private let process: ChildProcess
  package var pid: pid_t { process.pid }
  private var commands: Int32
  /// The read end of the events.
  package let events: Int32
  private let board: LastWordsBoard?
  private var ending: ProcessEnding?

  private init(process: ChildProcess, commands: Int32, events: Int32, board: LastWordsBoard?) {
    self.process = process
    self.commands = commands
    self.events = events
    self.board = board
  }

  /// What it was about to do with which driver, when it is gone; nil where it had none.
  package var lastWords: String? { board?.read() }

  deinit {
    closeCommands()
    close(events)
  }

  /// Starts a worker in a process group of its own, so that Ctrl+C at the terminal reaches the front alone and the worker
  /// goes back in its own time.
  /// - Parameters:
  ///   - executable: Its path.
  ///   - arguments: With the program's name first.
  ///   - dataOnStandardOutput: The worker writes data to the front's stdout. Else what a driver prints there goes to
  ///     stderr, where it does no harm.
  ///   - passesStreams: It gets the front's stdin and stdout too, for a program that it starts.
  /// - Returns: The running worker, which waits for its job.
  /// - Throws: `.failed` where the system has no process or descriptor left.
  package static func start(
    executable: String, arguments: [String], dataOnStandardOutput: Bool, passesStreams: Bool = false
  ) throws(BelayError) -> WorkerProcess {
    guard let command = PipeEnds.open() else { throw notStarted(errno) }
    guard let event = PipeEnds.open() else {
      let code = errno
      command.close()
      throw notStarted(code)
    }
    var descriptors = [(command.reading, STDIN_FILENO), (event.writing, Worker.eventDescriptor)]
    let board = LastWordsBoard()
    if let board { descriptors.append((board.descriptor, LastWordsBoard.inherited)) }
    if passesStreams { descriptors += [(STDIN_FILENO, Worker.input), (STDOUT_FILENO, Worker.output)] }
    if !dataOnStandardOutput { descriptors.append((STDERR_FILENO, STDOUT_FILENO)) }
    defer {
      close(command.reading)
      close(event.writing)
    }
    let process: ChildProcess
    do {
      process = try ProcessStart(executable: executable, arguments: arguments, descriptors: descriptors).start()
    } catch {
      close(command.writing)
      close(event.reading)
      throw notStarted(error.code)
    }
    return WorkerProcess(process: process, commands: command.writing, events: event.reading, board: board)
  }

  /// Sends one line. A worker that is gone is noticed at its events, not here.
  package func send(_ value: some Encodable) {
    guard commands >= 0 else { return }
    do {
      FileBytes.writeAll(try EventLine.encode(value) + [UInt8(ascii: "\n")], to: commands)
    } catch {
      // Jobs and commands are plain values that JSON holds. A worker that gets none sees its stdin end and stops.
      closeCommands()
    }
  }

  /// Tells the worker that nobody is there any more: it stops and goes back.
  package func closeCommands() {
    if commands >= 0 { close(commands) }
    commands = -1
  }

  /// Whether it has ended already.
  package func hasEnded() -> Bool {
    if ending == nil { ending = process.ending() }
    return ending != nil
  }

  /// Waits for its end.
  package func wait() -> ProcessEnding {
    let ending = ending ?? process.wait()
    self.ending = ending
    return ending
  }

  private static func notStarted(_ code: Int32) -> BelayError {
    BelayError(
      .failed, "the worker process cannot be started", hint: SystemLimit.hint(for: code), state: "nothing was changed",
      causes: [String(cString: strerror(code))])
  }
}
