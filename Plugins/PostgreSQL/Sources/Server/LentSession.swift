import BelayDriverKit
import CPostgreSQL
import Glibc
import Synchronization

/// Lends a link's session to one of PostgreSQL's programs: the program connects to a private socket, and works in the
/// transaction, with the snapshot and under the locks that the session has already.
///
/// pg_dump takes its locks table by table, in a session of its own. Whoever wants a table for himself meanwhile waits for
/// belay's lock, and pg_dump's waits behind him: for belay, which waits for pg_dump. In one session nothing waits.
///
/// The session is used by the thread that serves until `end` returns.
final class LentSession: @unchecked Sendable {
  // Unchecked: the link is the serving thread's from start to join; the rest is written before it starts.

  /// Where the program finds it.
  let folder: String
  static let port = "5432"
  private let link: Link
  private let isOver = Atomic<Bool>(false)
  private var listener: Int32
  private var socket: Int32 = -1
  private var thread: pthread_t?
  private var received: [UInt8] = []
  private var answer = ProgramMessages()
  private var failed: DriverFailure?
  private var objects: LentLargeObjects

  /// What the server said went wrong, with its SQLSTATE, which the program does not tell. After `end`.
  var failure: DriverFailure? { failed ?? link.lentFailure }

  /// - Parameters:
  ///   - version: the program's.
  ///   - scratch: where the socket lies, if its path has room for that.
  init(_ link: Link, forProgram version: Int, in scratch: String) throws(DriverFailure) {
    self.link = link
    objects = LentLargeObjects(forProgram: version)
    link.lentFailure = nil
    folder = try Self.makeFolder(scratch)
    listener = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    let path = folder + "/.s.PGSQL." + Self.port
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard bound, listen(listener, 1) == 0 else {
      let reason = String(cString: strerror(errno))
      removeSocket()
      throw DriverFailure(.io, "cannot make a socket in \(folder): \(reason)")
    }
  }

  deinit { removeSocket() }

  /// Readable by its user alone. A socket's path has room for 107 bytes.
  private static func makeFolder(_ scratch: String) throws(DriverFailure) -> String {
    let name = "/belay-XXXXXX"
    let parent = scratch.utf8.count + name.utf8.count + "/.s.PGSQL.5432".utf8.count < 107 ? scratch : "/tmp"
    var template = Array((parent + name).utf8CString)
    guard mkdtemp(&template) != nil else {
      throw DriverFailure(.io, "cannot make a folder in \(parent): \(String(cString: strerror(errno)))")
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func removeSocket() {
    if listener >= 0 { close(listener) }
    listener = -1
    unlink(folder + "/.s.PGSQL." + Self.port)
    rmdir(folder)
  }

  // MARK: The thread

  func start() throws(DriverFailure) {
    try asAFreshSession()
    var every = sigset_t()
    var before = sigset_t()
    sigfillset(&every)
    // Signals go where the host waits for them.
    pthread_sigmask(SIG_SETMASK, &every, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let me = Unmanaged.passRetained(self)
    var created = pthread_t()
    let status = pthread_create(
      &created, nil,
      { raw in
        if let raw { Unmanaged<LentSession>.fromOpaque(raw).takeRetainedValue().serve() }
        return nil
      }, me.toOpaque())
    guard status == 0 else {
      me.release()
      throw DriverFailure(.io, "the system has no thread left: \(String(cString: strerror(status)))")
    }
    thread = created
  }

  /// Waits until nothing uses the session any more. The program must have ended, or be about to.
  func end() {
    isOver.store(true, ordering: .relaxed)
    if let thread { pthread_join(thread, nil) }
    thread = nil
  }

  /// A program takes the encoding of a new session, the database's own, for what it writes.
  private func asAFreshSession() throws(DriverFailure) {
    guard let encoding = link.reported("server_encoding") else { return }
    try link.tidy("SET client_encoding = \(SQLLiteral.quoted(encoding))")
  }

  private func serve() {
    guard accept() else { return }
    defer {
      close(socket)
      socket = -1
    }
    do throws(DriverFailure) {
      try greet()
      while let (type, body) = try message() {
        guard try reply(type, body) else { return }
        answer.ready(link.handle)
        try send(&answer)
      }
    } catch {
      if error.code != .cancelled { failed = error }
      answer.error("FATAL", error.sqlState.isEmpty ? "08006" : error.sqlState, error.message)
      // Whoever hears no answer has ended already.
      do throws(DriverFailure) { try send(&answer) } catch {}
    }
  }

  private func accept() -> Bool {
    while !isOver.load(ordering: .relaxed) {
      guard wait(listener, POLLIN) else { continue }
      socket = belay_accept(listener)
      removeSocket()
      return socket >= 0
    }
    return false
  }

  // MARK: What the program asks

  private func greet() throws(DriverFailure) {
    while true {
      guard let length = try number(), let code = try number(), length >= 8, try take(length - 8) != nil else {
        throw DriverFailure(.cancelled, "the program has gone")
      }
      // It asks for encryption, by TLS or GSSAPI.
      guard code == 80_877_103 || code == 80_877_104 else { break }
      answer.refuseEncryption()
      try send(&answer)
    }
    answer.welcome(link.handle)
    answer.ready(link.handle)
    try send(&answer)
  }

  /// nil: it has gone.
  private func message() throws(DriverFailure) -> (type: UInt8, body: [UInt8])? {
    guard let type = try take(1)?.first, let length = try number(), length >= 4, let body = try take(length - 4) else {
      return nil
    }
    return (type, body)
  }

  /// - Returns: false: it says goodbye.
  private func reply(_ type: UInt8, _ body: [UInt8]) throws(DriverFailure) -> Bool {
    switch Unicode.Scalar(type) {
    case "Q": try run(body)
    case "F": try call(body)
    case "X": return false
    default: answer.error("ERROR", "0A000", "belay does not lend its session for message \(Unicode.Scalar(type))")
    }
    return true
  }

  private func run(_ sql: [UInt8]) throws(DriverFailure) {
    // The transaction is there already, and stays when the program has gone.
    for words in ["BEGIN", "COMMIT", "ROLLBACK", "SET TRANSACTION"] where sql.starts(with: words.utf8) {
      return answer.done(words == "SET TRANSACTION" ? "SET" : words)
    }
    var failure: DriverFailure?
    sql.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { text in
        guard let text = text.baseAddress else { return }
        do throws(DriverFailure) {
          try link.lend(text, &answer, isOver: { isOver.load(ordering: .relaxed) }) {
            (gathered) throws(DriverFailure) in try send(&gathered)
          }
        } catch {
          failure = error
        }
      }
    }
    if let failure { throw failure }
  }

  /// lo_open, lo_close and loread, by their fixed numbers.
  private func call(_ body: [UInt8]) throws(DriverFailure) {
    var reader = MessageReader(body)
    guard let function = reader.number(), let formats = reader.short(), reader.skip(2 * Int(formats)),
      let count = reader.short()
    else { return answer.error("ERROR", "08P01", "a call that is cut short") }
    var arguments: [Int32] = []
    for _ in 0..<count {
      guard reader.number() == 4, let argument = reader.number() else { break }
      arguments.append(argument)
    }
    switch (function, arguments.count) {
    case (952, 2):
      let number = UInt32(bitPattern: arguments[0])
      if let descriptor = try objects.open(number, link, &answer) { answer.returned(descriptor) }
    case (953, 1):
      objects.close(arguments[0])
      answer.returned(Int32(0))
    case (954, 2):
      if let piece = try objects.read(arguments[0], arguments[1], link, &answer) { answer.returned(piece) }
    default: answer.error("ERROR", "0A000", "belay does not lend its session for function \(function)")
    }
  }

  // MARK: The socket

  private func wait(_ descriptor: Int32, _ events: Int32) -> Bool {
    var poller = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    return poll(&poller, 1, 50) > 0
  }

  /// nil: it has gone.
  private func take(_ count: Int) throws(DriverFailure) -> [UInt8]? {
    while received.count < count {
      if isOver.load(ordering: .relaxed) { throw DriverFailure(.cancelled, "cancelled") }
      guard wait(socket, POLLIN) else { continue }
      var buffer = [UInt8](repeating: 0, count: max(8192, min(count, 1 << 20)))
      let read = Glibc.read(socket, &buffer, buffer.count)
      if read > 0 {
        received += buffer[..<read]
      } else if read == 0 || (errno != EAGAIN && errno != EINTR) {
        return nil
      }
    }
    let bytes = Array(received.prefix(count))
    received.removeFirst(count)
    return bytes
  }

  private func number() throws(DriverFailure) -> Int? {
    try take(4).map { $0.reduce(0) { $0 << 8 | Int($1) } }
  }

  private func send(_ gathered: inout ProgramMessages) throws(DriverFailure) {
    var sent = 0
    while sent < gathered.bytes.count {
      if isOver.load(ordering: .relaxed) { throw DriverFailure(.cancelled, "cancelled") }
      let count = gathered.bytes.withUnsafeBytes { bytes in
        Glibc.send(socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN || errno == EINTR {
        _ = wait(socket, POLLOUT)
      } else {
        throw DriverFailure(.cancelled, "the program has gone")
      }
    }
    gathered.clear()
  }
}

/// Reads the numbers and values of a message.
private struct MessageReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  mutating func number() -> Int32? {
    guard rest.count >= 4 else { return nil }
    defer { rest = rest.dropFirst(4) }
    return rest.prefix(4).reduce(0) { $0 << 8 | Int32($1) }
  }

  mutating func short() -> Int16? {
    guard rest.count >= 2 else { return nil }
    defer { rest = rest.dropFirst(2) }
    return rest.prefix(2).reduce(0) { $0 << 8 | Int16($1) }
  }

  mutating func skip(_ count: Int) -> Bool {
    guard count >= 0, rest.count >= count else { return false }
    rest = rest.dropFirst(count)
    return true
  }
}
