import Glibc

/// A program that a hook runs: started, given its input, ended after its time with all that it has started.
package struct HookProcess {
  /// How long it has to end by itself after SIGTERM.
  private static let grace = Duration.seconds(2)
  private static let look = useconds_t(5000)

  private let executable: String
  private let arguments: [String]
  private let environment: [String: String]
  private let input: [UInt8]
  private let secondInput: [UInt8]?
  private var marked: MarkedProcesses
  /// What of its output is kept: it may print megabytes.
  private let kept: KeptOutput

  /// - Parameters:
  ///   - arguments: With the program's name first.
  ///   - environment: In addition to this process's own.
  ///   - input: Its stdin.
  ///   - secondInput: What it finds as /dev/fd/3; nil: nothing.
  ///   - mark: What its processes are found by; nil: one that no other has.
  ///   - kept: How much of its output.
  package init(
    executable: String, arguments: [String], environment: [String: String] = [:], input: [UInt8],
    secondInput: [UInt8]? = nil, mark: String? = nil, keeping kept: KeptOutput = KeptOutput(first: 2000, last: 0)
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.input = input
    self.secondInput = secondInput
    self.kept = kept
    marked = Self.processes(mark: mark ?? "\(getpid())-\(ContinuousClock.now)")
  }

  /// Those of hooks that were started with that mark.
  package static func processes(mark: String) -> MarkedProcesses { MarkedProcesses(name: "BELAY_HOOK", value: mark) }

  package struct Outcome {
    /// nil: it took too long, or was not wanted any more, and was ended with all that it had started.
    package var ending: ProcessEnding?
    /// Of what it printed, without the white space around it.
    package var output: String
  }

  /// - Parameter isStopped: asked again and again; true: it is ended.
  /// - Throws: why it cannot be started.
  package func run(
    limit: Duration, isStopped: () -> Bool = { false }
  ) throws(ProcessStart.Failure) -> Outcome {
    let first = try UnnamedFile(input)
    let second = try secondInput.map { (bytes) throws(ProcessStart.Failure) in try UnnamedFile(bytes) }
    guard let output = PipeEnds.open() else { throw ProcessStart.Failure(code: errno) }
    defer { close(output.reading) }
    _ = fcntl(output.reading, F_SETFL, O_NONBLOCK)
    var descriptors = [
      (from: first.descriptor, to: STDIN_FILENO), (from: output.writing, to: STDOUT_FILENO),
      (from: output.writing, to: STDERR_FILENO),
    ]
    if let second { descriptors.append((from: second.descriptor, to: 3)) }
    let started = Result { () throws(ProcessStart.Failure) in
      var start = ProcessStart(
        executable: executable, arguments: arguments, descriptors: descriptors,
        environment: environment.merging(marked.environment) { $1 })
      start.isBelay = false
      return try start.start()
    }
    close(output.writing)
    let child = try started.get()
    var kept = self.kept
    let end = ContinuousClock.now + limit
    var ending: ProcessEnding?
    while true {
      ending = child.ending()
      // All is read, so that it never waits for a reader; and once more after its end, so that nothing is missed.
      kept.read(output.reading)
      if ending != nil { break }
      if ContinuousClock.now > end || isStopped() {
        stop(child)
        kept.read(output.reading)
        break
      }
      usleep(Self.look)
    }
    withExtendedLifetime((first, second)) {}
    return Outcome(ending: ending, output: kept.text)
  }

  private func stop(_ child: ChildProcess) {
    var marked = marked
    marked.root = child.pid
    _ = marked.end(after: Self.grace)
    // Had it changed its environment, it would be found by its process group.
    kill(-child.pid, SIGKILL)
    _ = child.wait()
  }
}
