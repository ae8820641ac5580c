import BelayProcess
import DriverTesting
import Foundation
import Glibc
import Testing

@Suite("A process that belay starts")
struct ChildProcessTests {
  /// Runs a line of shell and gives what it wrote on its descriptor 5, and how it ended.
  private func run(
    _ line: String, environment: [String: String] = [:], isApart: Bool = true, limit: Duration = .seconds(30)
  ) throws -> (said: String, ending: ProcessEnding?) {
    let pipe = try #require(PipeEnds.open())
    defer { close(pipe.reading) }
    let child = try ProcessStart(
      executable: "/bin/sh", arguments: ["sh", "-c", line], descriptors: [(pipe.writing, 5)], environment: environment,
      isApart: isApart
    ).start()
    close(pipe.writing)
    _ = fcntl(pipe.reading, F_SETFL, O_NONBLOCK)
    var said: [UInt8] = []
    let ending = child.wait(atMost: limit) {
      var piece = [UInt8](repeating: 0, count: 4096)
      let count = piece.withUnsafeMutableBytes { read(pipe.reading, $0.baseAddress, $0.count) }
      if count > 0 { said += piece[..<count] }
    }
    return (String(decoding: said, as: UTF8.self).trimmingCharacters(in: .newlines), ending)
  }

  @Test("its end is reported, by a status or a signal, without missing its last output")
  func endings() throws {
    let exited = try run("echo last words >&5; exit 7")
    #expect(exited.ending == .exited(7) && exited.said == "last words")
    #expect(try run("kill -SEGV $$").ending == .killed(signal: SIGSEGV))
    #expect("\(try #require(run("exit 3").ending))" == "exited with status 3")
  }

  @Test("a program that somebody is writing is started once that is done, and refused if it is not")
  func busy() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "belay-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let program = folder.appending(path: "program").path
    try Data("#!/bin/sh\nexit 7\n".utf8).write(to: URL(filePath: program))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let start = ProcessStart(executable: program, arguments: ["program"], descriptors: [])
    let writing = open(program, O_WRONLY | O_CLOEXEC)
    try #require(writing >= 0)
    let closing = Thread {
      usleep(200_000)
      close(writing)
    }
    closing.start()
    #expect(try start.start().wait() == .exited(7))

    let stillWriting = open(program, O_WRONLY | O_CLOEXEC)
    defer { close(stillWriting) }
    let failure = #expect(throws: ProcessStart.Failure.self) { try start.start() }
    #expect(failure?.reason == "Text file busy")
  }

  @Test("its variables are this process's, with those that are given in their place and in addition")
  func environment() throws {
    let given = try run(
      "env >&5", environment: ["PATH": "/bin:/usr/bin", "BELAY_TEST_ONLY": "yes", "SWIFT_BACKTRACE": "enable=no"])
    let lines = given.said.split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("PATH=") } == ["PATH=/bin:/usr/bin"])
    #expect(lines.contains("BELAY_TEST_ONLY=yes"))
    #expect(lines.filter { $0.hasPrefix("SWIFT_BACKTRACE=") } == ["SWIFT_BACKTRACE=enable=no"])
    #expect(lines.contains { $0.hasPrefix("HOME=") } == (getenv("HOME") != nil))
  }

  @Test("it has its signals as they are by default, though they are blocked or ignored here")
  func signals() throws {
    signal(SIGWINCH, SIG_IGN)
    var blocked = sigset_t()
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGUSR2)
    pthread_sigmask(SIG_BLOCK, &blocked, nil)
    defer {
      signal(SIGWINCH, SIG_DFL)
      pthread_sigmask(SIG_UNBLOCK, &blocked, nil)
    }
    let masks = try run("grep -E '^Sig(Blk|Ign):' /proc/self/status | cut -f2 >&5").said.split(separator: "\n")
    #expect(masks.count == 2)
    // The first 31: two of those above are the C library's own.
    #expect(masks.allSatisfy { UInt64($0, radix: 16).map { $0 & 0x7fff_ffff } == 0 }, "\(masks)")
  }

  @Test("a descriptor that closes on exec here is not open there, unless it was chosen")
  func descriptors() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "belay-test-\(UUID().uuidString)").path
    let open = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer {
      close(open)
      unlink(file)
    }
    #expect(try !run("ls -l /proc/$$/fd >&5").said.contains(file))
    let child = try ProcessStart(
      executable: "/bin/sh", arguments: ["sh", "-c", "echo here >&6"], descriptors: [(open, 6)]
    ).start()
    #expect(child.wait() == .exited(0))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "here\n")
  }

  @Test("what takes too long is ended, with its children where it has a process group of its own")
  func limit() throws {
    let hung = try run("sleep 60 & echo $! >&5; sleep 60", limit: .seconds(10))
    #expect(hung.ending == nil)
    let child = try #require(Int32(hung.said))
    try eventually("the child ends") { !isRunning(child) }
  }

  /// Not gone, and not only waiting to be asked for.
  private func isRunning(_ pid: Int32) -> Bool {
    guard let state = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    return !state.contains(") Z")
  }

  @Test("what is not there is an error with the system's words")
  func missing() throws {
    let error = #expect(throws: ProcessStart.Failure.self) {
      _ = try ProcessStart(executable: "/nowhere/program", arguments: ["program"], descriptors: []).start()
    }
    #expect(error?.code == ENOENT && error?.reason == "No such file or directory")
  }
}
