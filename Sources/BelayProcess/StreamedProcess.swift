import Glibc
import Synchronization

/// A program whose output is read while it runs. It is ended, if it still runs, when nobody holds this any more.
package final class StreamedProcess: Sendable {
  /// What waiting for its output came to.
  package enum Read: Equatable, Sendable {
    case bytes(Int)
    /// It has closed its output.
    case end
    /// Nothing came in all that time.
    case silence
    /// Nobody wants it any more.
    case stopped
  }

  private let child: ChildProcess
  private let output: Int32
  private let errors: UnnamedFile
  private let ending = Mutex<ProcessEnding?>(nil)

  /// How often it is asked whether anybody still wants the output, in milliseconds.
  private static let look: Int32 = 100

  /// - Parameters:
  ///   - arguments: With the program's name first.
  ///   - environment: In addition to this process's own.
  /// - Throws: why it cannot be started.
  package init(
    executable: String, arguments: [String], environment: [String: String]
  ) throws(ProcessStart.Failure) {
    let input = try UnnamedFile([])
    errors = try UnnamedFile()
    guard let pipe = PipeEnds.open() else { throw ProcessStart.Failure(code: errno) }
    let errorFile = errors.descriptor
    let started = Result { () throws(ProcessStart.Failure) in
      var start = ProcessStart(
        executable: executable, arguments: arguments,
        descriptors: [
          (from: input.descriptor, to: STDIN_FILENO), (from: pipe.writing, to: STDOUT_FILENO),
          (from: errorFile, to: STDERR_FILENO),
        ], environment: environment)
      start.isBelay = false
      return try start.start()
    }
    withExtendedLifetime(input) {}
    close(pipe.writing)
    output = pipe.reading
    switch started {
    case .success(let process): child = process
    case .failure(let failure):
      close(pipe.reading)
      throw failure
    }
  }

  deinit {
    end()
    close(output)
  }

  /// Waits for bytes of its output.
  /// - Parameters:
  ///   - patience: how long it may say nothing.
  ///   - isStopped: asked again and again meanwhile.
  package func read(
    into buffer: UnsafeMutableRawBufferPointer, patience: Duration, isStopped: () -> Bool = { false }
  ) -> Read {
    let deadline = ContinuousClock.now + patience
    while true {
      var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      if poll(&waiting, 1, Self.look) > 0 {
        let count = Glibc.read(output, buffer.baseAddress, buffer.count)
        if count > 0 { return .bytes(count) }
        if count == 0 || errno != EINTR { return .end }
      }
      if isStopped() { return .stopped }
      if ContinuousClock.now > deadline { return .silence }
    }
  }

  /// Waits for its end, after its output has ended.
  package func wait() -> ProcessEnding {
    ending.withLock { ending in
      if let ending { return ending }
      let found = child.wait()
      ending = found
      return found
    }
  }

  /// Ends it, with what it has started.
  package func end() {
    ending.withLock { ending in
      guard ending == nil else { return }
      kill(-child.pid, SIGKILL)
      ending = child.wait()
    }
  }

  /// The end of what it wrote to stderr.
  package var errorText: String { String(decoding: errors.end(most: 16_384), as: UTF8.self) }
}
