import Glibc

/// A program that bytes are passed through: from its stdin to its stdout, in bounded memory. It has no terminal, and ends
/// with this object. Used by one thread at a time.
package final class FilterProcess {
  /// What became of it.
  package struct Outcome: Sendable {
    package let ending: ProcessEnding
    /// What it said on stderr, without the white space around it.
    package let messages: String
  }

  private let child: ChildProcess
  /// -1: closed.
  private var input: Int32
  private var output: Int32
  private var errors: Int32
  private var kept = KeptOutput(first: 2000, last: 0)
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
  private var outcome: Outcome?

  /// - Parameters:
  ///   - arguments: With the program's name first.
  ///   - descriptors: What it gets besides its three streams.
  ///   - inherited: The variables of this process's environment that it gets; no others.
  package init(
    executable: String, arguments: [String], descriptors: [(from: Int32, to: Int32)], inherited: Set<String>
  ) throws(ProcessStart.Failure) {
    var ends: [PipeEnds] = []
    for _ in 0..<3 {
      guard let pair = PipeEnds.open() else {
        let code = errno
        ends.forEach { $0.close() }
        throw ProcessStart.Failure(code: code)
      }
      ends.append(pair)
    }
    var start = ProcessStart(
      executable: executable, arguments: arguments,
      descriptors: [
        (from: ends[0].reading, to: STDIN_FILENO), (from: ends[1].writing, to: STDOUT_FILENO),
        (from: ends[2].writing, to: STDERR_FILENO),
      ] + descriptors)
    start.isBelay = false
    start.inherited = inherited
    start.isWithoutTerminal = true
    do throws(ProcessStart.Failure) {
      child = try start.start()
    } catch {
      ends.forEach { $0.close() }
      buffer.deallocate()
      throw error
    }
    for end in [ends[0].reading, ends[1].writing, ends[2].writing] { close(end) }
    (input, output, errors) = (ends[0].writing, ends[1].reading, ends[2].reading)
    for end in [input, output, errors] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
  }

  deinit {
    closeAll()
    if outcome == nil {
      child.kill()
      _ = child.wait()
    }
    buffer.deallocate()
  }

  /// Passes all of `bytes` in, and hands out what came out meanwhile, in pieces that are valid within the closure.
  /// - Returns: false: the program takes no more; `finish` tells why.
  package func push<Failure>(
    _ bytes: UnsafeRawBufferPointer, _ out: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let ready = wait()
      try takeOutput(ready, out)
      guard ready.input else { continue }
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let count = send(input, piece.baseAddress, piece.count, Int32(MSG_NOSIGNAL))
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EAGAIN, errno != EINTR {
        return false
      }
    }
    return true
  }

  /// Nothing more goes in: hands out the rest of what comes out, and waits for the program's end. Calling it again only
  /// gives the outcome again.
  package func finish<Failure>(_ out: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) -> Outcome {
    if let outcome { return outcome }
    if input >= 0 { close(input) }
    input = -1
    while output >= 0 { try takeOutput(wait(), out) }
    while errors >= 0 { takeErrors() }
    let outcome = Outcome(ending: child.wait(), messages: kept.text)
    self.outcome = outcome
    return outcome
  }

  private struct Ready {
    var input: Bool
    var output: Bool
  }

  /// Waits until something can be done.
  private func wait() -> Ready {
    var polled = [
      pollfd(fd: input, events: Int16(POLLOUT), revents: 0), pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
    ]
    poll(&polled, 3, -1)
    if polled[2].revents != 0 { takeErrors(waits: false) }
    return Ready(input: polled[0].revents != 0, output: polled[1].revents != 0)
  }

  private func takeOutput<Failure>(
    _ ready: Ready, _ out: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    guard ready.output else { return }
    let count = read(output, buffer.baseAddress, buffer.count)
    if count > 0 {
      try out(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      close(output)
      output = -1
    }
  }

  private func takeErrors(waits: Bool = true) {
    if waits {
      var polled = pollfd(fd: errors, events: Int16(POLLIN), revents: 0)
      poll(&polled, 1, -1)
    }
    var piece = [UInt8](repeating: 0, count: 4096)
    let count = piece.withUnsafeMutableBytes { read(errors, $0.baseAddress, $0.count) }
    if count > 0 {
      kept.take(piece[..<count])
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      close(errors)
      errors = -1
    }
  }

  private func closeAll() {
    for end in [input, output, errors] where end >= 0 { close(end) }
  }
}
