import BelayCore
import Foundation
import Glibc

/// A worker as the front sees it: a process, a pipe for commands, a pipe of events.
package final class WorkerProcess {
  /// How a process ended.
  package enum Ending: Equatable, Sendable {
    case exited(Int32)
    case killed(signal: Int32)
  }

  package let pid: pid_t
  private var commands: Int32
  /// The read end of the events.
  package let events: Int32
  private var ending: Ending?

  private init(pid: pid_t, commands: Int32, events: Int32) {
    self.pid = pid
    self.commands = commands
    self.events = events
  }

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
  /// - Returns: The running worker, which waits for its job.
  /// - Throws: `.failed` where the system has no process or descriptor left.
  package static func start(
    executable: String, arguments: [String], dataOnStandardOutput: Bool
  ) throws(BelayError) -> WorkerProcess {
    guard let command = PipeEnds.open() else { throw notStarted(errno) }
    guard let event = PipeEnds.open() else {
      let code = errno
      command.close()
      throw notStarted(code)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // By way of high numbers: an end that is 0 or 3 itself would be overwritten before it is passed on.
    let spareCommand = fcntl(command.reading, F_DUPFD_CLOEXEC, 10)
    let spareEvent = fcntl(event.writing, F_DUPFD_CLOEXEC, 10)
    close(command.reading)
    close(event.writing)
    defer {
      close(spareCommand)
      close(spareEvent)
    }
    posix_spawn_file_actions_adddup2(&actions, spareCommand, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, spareEvent, Worker.eventDescriptor)
    if !dataOnStandardOutput { posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in SignalThread.caught + [SIGPIPE] { sigaddset(&defaults, signal) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var pid: pid_t = 0
    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    argv.append(nil)
    defer { for argument in argv { free(argument) } }
    let code = posix_spawn(&pid, executable, &actions, &attributes, argv, environ)
    guard code == 0 else {
      close(command.writing)
      close(event.reading)
      throw notStarted(code)
    }
    return WorkerProcess(pid: pid, commands: command.writing, events: event.reading)
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
    if ending != nil { return true }
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return false }
    ending = Self.ending(status)
    return true
  }

  /// Waits for its end.
  package func wait() -> Ending {
    if let ending { return ending }
    var status: Int32 = 0
    var waited: pid_t
    repeat { waited = waitpid(pid, &status, 0) } while waited < 0 && errno == EINTR
    let ending = Self.ending(status)
    self.ending = ending
    return ending
  }

  private static func ending(_ status: Int32) -> Ending {
    // wait(2)'s macros, which Swift does not import.
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: signal)
  }

  private static func notStarted(_ code: Int32) -> BelayError {
    BelayError(
      .failed, "the worker process cannot be started", state: "nothing was changed",
      causes: [String(cString: strerror(code))])
  }
}

extension WorkerProcess.Ending: CustomStringConvertible {
  package var description: String {
    switch self {
    case .exited(let code): "exited with status \(code)"
    case .killed(let signal): "was killed by signal \(signal) (\(String(cString: strsignal(signal))))"
    }
  }
}
