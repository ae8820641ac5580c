import BelayBase
import BelayProcess
import Foundation
import Glibc

/// What a command reads from its stdin: the same in the rehearsal and on the target. A terminal is passed through, a file
/// is read from the same place each time, and of a pipe a copy is kept of what the rehearsal has taken.
final class CommandInput: @unchecked Sendable {
  // Unchecked: the relay's thread is joined before anything else of it is touched.
  private enum Source {
    /// Can be read twice, or by nobody twice: a terminal, /dev/null.
    case direct
    case file(start: off_t)
    case stream
  }

  /// Of this process's; nil: there is none.
  private let descriptor: Int32?
  private let source: Source
  /// What was taken from a stream; nil: nothing yet.
  private var record: UnsafeMutablePointer<FILE>?

  init(descriptor: Int32?) {
    var status = stat()
    guard let descriptor, fstat(descriptor, &status) == 0 else {
      self.descriptor = nil
      source = .direct
      return
    }
    self.descriptor = descriptor
    switch status.st_mode & S_IFMT {
    case S_IFREG: source = .file(start: lseek(descriptor, 0, SEEK_CUR))
    case S_IFIFO, S_IFSOCK: source = .stream
    default: source = .direct
    }
  }

  deinit { if let record { fclose(record) } }

  /// Runs something with the descriptor that a command is to read from.
  /// - Parameter isLast: nothing reads after it.
  func with<Output>(isLast: Bool, _ body: (Int32) throws(BelayError) -> Output) throws(BelayError) -> Output {
    guard let descriptor else {
      let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
      defer { close(null) }
      return try body(null)
    }
    switch source {
    case .direct: return try body(descriptor)
    case .file(let start):
      lseek(descriptor, start, SEEK_SET)
      return try body(descriptor)
    case .stream:
      if isLast, record == nil { return try body(descriptor) }
      return try relayed(from: descriptor, body)
    }
  }

  private func relayed<Output>(
    from descriptor: Int32, _ body: (Int32) throws(BelayError) -> Output
  ) throws(BelayError) -> Output {
    let record = record ?? tmpfile()
    self.record = record
    // A pipe and no pair of sockets: a command may open /dev/stdin.
    guard let record, let ends = Self.pipe(), let stop = PipeEnds.open() else {
      throw BelayError(.failed, "the command's input cannot be passed on", causes: [String(cString: strerror(errno))])
    }
    _ = fcntl(ends.writing, F_SETFL, O_NONBLOCK)
    let relay = Relay(input: descriptor, output: ends.writing, stop: stop.reading, record: fileno(record))
    let thread = SideThread { () throws(BelayError) in relay.run() }
    defer {
      close(ends.reading)
      close(stop.writing)
      do { try thread.join() } catch {}  // it throws nothing
      close(stop.reading)
    }
    return try body(ends.reading)
  }

  private static func pipe() -> (reading: Int32, writing: Int32)? {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}

/// Hands on what was taken before, and then what comes, of which it keeps a copy.
private struct Relay: Sendable {
  let input: Int32
  let output: Int32
  /// Readable when it is over.
  let stop: Int32
  let record: Int32

  func run() {
    defer { close(output) }
    var bytes = [UInt8](repeating: 0, count: 65536)
    var place: off_t = 0
    while true {
      let count = pread(record, &bytes, bytes.count, place)
      guard count > 0 else { break }
      guard send(bytes[..<count]) else { return }
      place += off_t(count)
    }
    lseek(record, 0, SEEK_END)
    while wait(for: input, POLLIN) {
      let count = read(input, &bytes, bytes.count)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0, FileBytes.writeAll(bytes[..<count], to: record), send(bytes[..<count]) else { return }
    }
  }

  private func send(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      guard wait(for: output, POLLOUT) else { return false }
      let count = rest.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR, errno != EAGAIN {
        return false
      }
    }
    return true
  }

  /// false: it is over.
  private func wait(for descriptor: Int32, _ events: Int32) -> Bool {
    var waiting = [
      pollfd(fd: descriptor, events: Int16(events), revents: 0), pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&waiting, 2, -1) < 0 { guard errno == EINTR else { return false } }
    return waiting[1].revents == 0
  }
}
