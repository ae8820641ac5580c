import BelayDriverKit
import CPostgreSQL
import Glibc

/// A running program of PostgreSQL's, connected through its standard streams.
///
/// It is started without fork, in a process group of its own, so that only the host receives Ctrl+C from the terminal.
/// Its stdin is a socket, because a write to a socket without a reader can fail without raising a signal; its stdout is
/// a pipe, which buffers more. While waiting, it asks the host every tenth of a second whether the call is still
/// wanted. The process is always reaped: by `finish`, or by `end`.
final class ChildProcess {
  /// How a process ended.
  enum Ending: Equatable {
    case exited(Int32)
    case killed(by: Int32)
  }

  let name: String
  private let process: pid_t
  private let stopFlag: StopFlag?
  private let operation: Operation
  private var input: Int32 = -1
  private var output: Int32 = -1
  private var errors: Int32 = -1
  private var ending: Ending?
  /// The first signal to stop it with: psql sends the server a cancellation on SIGINT only.
  private let gentleSignal: Int32
  /// What it wrote to stderr.
  private(set) var complaint = ToolComplaint()
  /// The beginning of what it wrote to stdout and nobody read.
  private(set) var answer = ""

  /// - Parameter stopFlag: raised by `interrupt`.
  init(_ command: ToolCommand, stopFlag: StopFlag?, _ operation: Operation) throws(DriverFailure) {
    name = command.name
    self.stopFlag = stopFlag
    self.operation = operation
    gentleSignal = command.name == "psql" ? SIGINT : SIGTERM
    var streams = try StreamPairs()
    defer { streams.closeTheirs() }
    process = try Self.spawn(command, streams.theirs)
    (input, output, errors) = (streams.ours[0], streams.ours[1], streams.ours[2])
    streams.ours = []
  }

  deinit { end() }

  private static func spawn(_ command: ToolCommand, _ streams: [Int32]) throws(DriverFailure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, stream) in streams.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, stream, Int32(number))
    }
    // What others in this process have open without close-on-exec would stay open for as long as the program runs, and
    // whoever waits for its end would wait for the program.
    posix_spawn_file_actions_addclosefrom_np(&actions, Int32(streams.count))
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    posix_spawnattr_setpgroup(&attributes, 0)
    // The host may ignore or block signals, and the child would inherit that.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    // A limit on the size of files is an error of the write, and no death.
    sigdelset(&signals, SIGXFSZ)
    posix_spawnattr_setsigdefault(&attributes, &signals)

    let arguments = ([command.path] + command.arguments).map { strdup($0) } + [nil]
    let environment = command.environment.map { strdup($0) } + [nil]
    defer { for copy in arguments + environment { free(copy) } }
    var process: pid_t = 0
    var code = posix_spawn(&process, command.path, &actions, &attributes, arguments, environment)
    // Somebody is writing the file at this moment, or a process that another thread started holds it open for as long as
    // it has not run its own program: tried again for a second.
    for _ in 0..<100 where code == ETXTBSY {
      usleep(10_000)
      code = posix_spawn(&process, command.path, &actions, &attributes, arguments, environment)
    }
    guard code == 0 else {
      throw DriverFailure(.io, "cannot start \(command.path): \(String(cString: strerror(code)))")
    }
    return process
  }

  // MARK: Its streams

  /// Reads from its stdout.
  /// - Returns: how many bytes; 0 once the process has closed it.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DriverFailure) -> Int {
    while output >= 0 {
      guard try wait(reading: true).readable else { continue }
      let count = take(into: buffer)
      if count > 0 { return count }
    }
    return 0
  }

  /// Writes all of it to its stdin, and stores its output meanwhile.
  /// - Returns: false if the process stopped reading; how it ends says why.
  func write(_ bytes: UnsafeRawBufferPointer) throws(DriverFailure) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      guard input >= 0 else { return false }
      let ready = try wait(writing: true, reading: output >= 0)
      if ready.readable { keepAnswer() }
      if ready.writable { rest = UnsafeRawBufferPointer(rebasing: rest[send(rest)...]) }
    }
    return true
  }

  /// Writes all of it to its stdin.
  func write(_ bytes: some Collection<UInt8>) throws(DriverFailure) -> Bool {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    return try write(UnsafeRawBufferPointer(copy))
  }

  /// Copies all of `source` to its stdin, and at the same time passes on what it writes to stdout.
  /// - Parameter source: fills the buffer; 0 means the end.
  /// - Returns: false if the process stopped reading before the end of `source`.
  func exchange(
    from source: (UnsafeMutableRawBufferPointer) throws(DriverFailure) -> Int,
    to sink: (UnsafeRawBufferPointer) throws(DriverFailure) -> Void
  ) throws(DriverFailure) -> Bool {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    let inward = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(1 << 20)])
    let outward = UnsafeMutableRawBufferPointer(rebasing: buffer[(1 << 20)...])
    var rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(inward)[..<0])
    var isAtEnd = false
    while output >= 0 {
      if rest.isEmpty, input >= 0, !isAtEnd {
        let count = try source(inward)
        rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(inward)[..<count])
        isAtEnd = count == 0
        if isAtEnd { closeInput() }
      }
      let ready = try wait(writing: !rest.isEmpty, reading: true)
      if ready.writable { rest = UnsafeRawBufferPointer(rebasing: rest[send(rest)...]) }
      guard ready.readable else { continue }
      let count = take(into: outward)
      if count > 0 { try sink(UnsafeRawBufferPointer(rebasing: outward[..<count])) }
    }
    return isAtEnd
  }

  /// Closes its stdin.
  func closeInput() { Self.close(&input) }

  /// Sends as much as the socket accepts now; if nobody reads it any more, closes the stream.
  private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    let count = Glibc.send(input, bytes.baseAddress, bytes.count, flags)
    if count >= 0 { return count }
    if errno != EAGAIN && errno != EINTR {
      closeInput()
      return bytes.count
    }
    return 0
  }

  /// Reads what its stdout has now, and notes when that has ended.
  /// - Returns: how many bytes; 0 if there are none.
  private func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = Glibc.read(output, buffer.baseAddress, buffer.count)
    if count > 0 {
      // It writes 4 KiB at a time. Reading each piece costs both sides a context switch, so let some accumulate.
      if count < Self.worthReading { usleep(Self.gathering) }
      return count
    }
    if count == 0 || (errno != EAGAIN && errno != EINTR) { Self.close(&output) }
    return 0
  }

  private static let worthReading = 128 << 10
  /// In microseconds: a pipe of 1 MiB is not full by then.
  private static let gathering: UInt32 = 500

  private func keepAnswer() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { take(into: $0) }
    if count > 0, answer.utf8.count < 4096 { answer += String(decoding: buffer[..<count], as: UTF8.self) }
  }

  private func keepComplaint() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(errors, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    if count > 0 {
      complaint.add(buffer[..<count])
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      Self.close(&errors)
    }
  }

  /// Waits until a stream is ready, or some time has passed. Reads its stderr, and asks the host whether to go on.
  private func wait(
    writing: Bool = false, reading: Bool = false, milliseconds: Int32 = 100
  ) throws(DriverFailure) -> (writable: Bool, readable: Bool) {
    // poll ignores negative descriptors.
    var streams = [
      pollfd(fd: writing ? input : -1, events: Int16(POLLOUT), revents: 0),
      pollfd(fd: reading ? output : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
    ]
    let ready = poll(&streams, 3, milliseconds)
    if stopFlag?.isRaised ?? false { throw DriverFailure(.cancelled, "cancelled") }
    try operation.check()
    guard ready > 0 else { return (false, false) }
    if streams[2].revents != 0 { keepComplaint() }
    return (streams[0].revents != 0, streams[1].revents != 0)
  }

  // MARK: Its end

  /// Closes its stdin and waits for its end, storing the rest of its output.
  func finish() throws(DriverFailure) -> Ending {
    closeInput()
    while output >= 0 || errors >= 0 {
      let ready = try wait(reading: true)
      if ready.readable { keepAnswer() }
    }
    while true {
      if let ending = reap() { return ending }
      _ = try wait(milliseconds: 2)
    }
  }

  /// Stops it if it has not ended: asks first, kills it after three seconds. Does nothing afterwards.
  func end() {
    closeInput()
    Self.close(&output)
    Self.close(&errors)
    if reap() != nil { return }
    kill(process, gentleSignal)
    for _ in 0..<300 {
      usleep(10_000)
      if reap() != nil { return }
    }
    // This includes helpers that pg_restore has started: the group is the child's own.
    kill(-process, SIGKILL)
    while reap() == nil { usleep(2000) }
  }

  private func reap() -> Ending? {
    if let ending { return ending }
    var status: Int32 = 0
    let code = waitpid(process, &status, WNOHANG)
    if code == 0 || (code < 0 && errno == EINTR) { return nil }
    // If the host ignores SIGCHLD, there is no status to read; then success is not known, and counts as a failure.
    guard code == process else {
      ending = .killed(by: 0)
      return ending
    }
    let signal = status & 0x7f
    ending = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(by: signal)
    return ending
  }

  private static func close(_ stream: inout Int32) {
    if stream >= 0 { Glibc.close(stream) }
    stream = -1
  }
}

/// A pair of sockets for stdin and for stderr, and a pipe for stdout, closed on exec, none of them numbered as a standard
/// stream.
private struct StreamPairs {
  var ours: [Int32] = []
  private(set) var theirs: [Int32] = []

  init() throws(DriverFailure) {
    for number in 0..<3 {
      var pair: [Int32] = [-1, -1]
      guard (number == 1 ? belay_large_pipe(&pair) : Self.sockets(&pair)) == 0 else {
        let reason = String(cString: strerror(errno))
        closeAll()
        throw DriverFailure(.io, "cannot make a pipe: \(reason)")
      }
      ours.append(Self.aboveStandard(pair[0]))
      theirs.append(Self.aboveStandard(pair[1]))
    }
  }

  private static func sockets(_ pair: inout [Int32]) -> Int32 {
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair)
  }

  /// In a host with closed standard streams, new descriptors get their numbers, and in the child one would overwrite
  /// another.
  private static func aboveStandard(_ descriptor: Int32) -> Int32 {
    guard descriptor < 3 else { return descriptor }
    let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    close(descriptor)
    return moved
  }

  mutating func closeTheirs() {
    for descriptor in theirs + ours { close(descriptor) }
    (theirs, ours) = ([], [])
  }

  private mutating func closeAll() { closeTheirs() }
}
