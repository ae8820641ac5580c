import BelayBase
import BelayDatabase
import BelayDrivers
import BelayProcess
import Foundation
import Glibc

/// One run of the command, from its start to its end.
struct CommandRun {
  let context: RunContext
  let request: GuardRequest
  /// Of the program.
  let path: String
  /// Shown.
  let name: String
  /// Of the database that it is to work on; may hold a secret.
  let url: String
  let isRehearsal: Bool
  /// Gets to know the command's process.
  var processes: CommandProcesses

  private static let look: UInt32 = 10_000
  /// A signal that has ended the command reaches belay in this time.
  private static let signalDelay = Duration.milliseconds(500)

  /// Returns when the command has ended, and done what it was asked for.
  /// - Parameter input: what it reads from.
  /// - Returns: processes that it has left running.
  mutating func run(reading input: Int32) throws(BelayError) -> [RunningProcess] {
    let terminal = TerminalSettings(of: input)
    try writeURL()
    defer { removeURL() }
    let child = try start(reading: input)
    processes.begin(with: child.pid)
    let ending = wait(for: child)
    processes.rootHasEnded()
    if ending != .exited(0) { terminal?.putBack() }
    try throwIfStopped(ending)
    guard ending == .exited(0) else {
      processes.end(context)
      throw BelayError(
        .migrationFailed, "`\(name)` \(ending.description)", hint: Self.hint(for: ending),
        causes: isRehearsal ? [] : ["its own messages stand above"])
    }
    // What ends by itself in a moment is no daemon.
    return processes.marked.wait(atMost: .seconds(2))
  }

  private static func hint(for ending: ProcessEnding) -> String? {
    if case .exited(127) = ending { return "a shell exits with 127 where it finds no such command" }
    return nil
  }

  /// Also where it has ended well: Ctrl+C takes back what it has done.
  private func throwIfStopped(_ ending: ProcessEnding) throws(BelayError) {
    let bySignal = [SIGINT, SIGTERM, SIGHUP].contains { number in
      ending == .killed(signal: number) || ending == .exited(128 + number)
    }
    let end = ContinuousClock.now + Self.signalDelay
    while bySignal, !context.cancellation.isCancelled, ContinuousClock.now < end { usleep(Self.look) }
    guard context.cancellation.isCancelled else { return }
    processes.end(context)
    throw context.interruption()
  }

  // MARK: Start

  private func start(reading input: Int32) throws(BelayError) -> ChildProcess {
    // What a script takes from stdout is the target's.
    let output = isRehearsal ? STDERR_FILENO : request.output ?? STDERR_FILENO
    var start = ProcessStart(
      executable: path, arguments: arguments, descriptors: [(input, STDIN_FILENO), (output, STDOUT_FILENO)],
      environment: environment)
    start.folder = request.folder
    start.group = request.group
    start.isBelay = false
    do {
      return try start.start()
    } catch  where error.code == EPERM && request.group != nil {
      // The caller's process group is gone, or of another session.
      start.group = nil
      return try again(start)
    } catch  where error.code == ENOEXEC {
      // As a shell does with a script that names no interpreter.
      start.executable = "/bin/sh"
      start.arguments = ["/bin/sh", path] + arguments.dropFirst()
      return try again(start)
    } catch {
      throw notStarted(error)
    }
  }

  private func again(_ start: ProcessStart) throws(BelayError) -> ChildProcess {
    do { return try start.start() } catch { throw notStarted(error) }
  }

  private func notStarted(_ failure: ProcessStart.Failure) -> BelayError {
    BelayError(
      .migrationFailed, "`\(name)` cannot be started",
      hint: failure.code == ENOENT ? "does the interpreter exist that its first line names, and the folder?" : nil,
      causes: ["\(path): \(failure.reason)"])
  }

  private var arguments: [String] { request.command.map { $0.replacing(GuardRequest.urlPlace, with: url) } }

  private var environment: [String: String] {
    var variables = processes.marked.environment
    for name in request.urlVariables { variables[name] = url }
    variables["BELAY_STAGE"] = isRehearsal ? "rehearsal" : "target"
    return variables
  }

  // MARK: The file with the URL

  private func writeURL() throws(BelayError) {
    guard let path = request.urlFile else { return }
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else {
      throw BelayError(
        .migrationFailed, "cannot write the URL to \(path)",
        hint: errno == EEXIST ? "remove that file, or name another one with --url-file" : nil,
        causes: [String(cString: strerror(errno))])
    }
    defer { close(file) }
    guard FileBytes.writeAll("\(url)\n".utf8, to: file) else {
      unlink(path)
      throw BelayError(.migrationFailed, "cannot write the URL to \(path)", causes: [String(cString: strerror(errno))])
    }
  }

  private func removeURL() { if let path = request.urlFile { unlink(path) } }

  // MARK: Its end

  /// Waits for it. After a signal it has some time to end by itself.
  private func wait(for child: ChildProcess) -> ProcessEnding {
    var deadline: ContinuousClock.Instant?
    while true {
      if let ending = child.ending() { return ending }
      if deadline == nil, context.cancellation.isCancelled {
        deadline = .now + .seconds(request.graceSeconds)
        if !context.cancellation.isFromTerminal { processes.marked.signal(context.cancellation.signal ?? SIGTERM) }
        context.log(
          .notice, "waiting for `\(name)` (process \(child.pid)) to end; in \(request.graceSeconds) s it is ended")
      }
      if let passed = deadline, passed < .now {
        context.log(.warning, "`\(name)` does not end: ending it")
        processes.marked.signal(SIGKILL)
        deadline = .now + .seconds(1)
      }
      usleep(Self.look)
    }
  }
}

/// How a terminal treats what is typed. A program that was ended while it had changed that leaves it so.
private struct TerminalSettings {
  private let descriptor: Int32
  private var settings = termios()

  /// nil: it is no terminal.
  init?(of descriptor: Int32) {
    guard isatty(descriptor) == 1, tcgetattr(descriptor, &settings) == 0 else { return nil }
    self.descriptor = descriptor
  }

  func putBack() {
    var settings = settings
    tcsetattr(descriptor, TCSANOW, &settings)
  }
}
