import Foundation
import Glibc

/// Runs one rule in a process of its own, and says what became of it.
struct RuleProcess {
  /// What the process said, and how it went.
  struct Report {
    var verdict: Verdict
    var reason: String?
    /// The names of the databases that it may have made.
    var made: [String] = []
    var milliseconds = 0
  }

  /// The path of the running executable.
  let executable: String
  let job: RuleJob
  let limit: Duration

  /// Throws where the system has no process or descriptor left.
  func run() throws(NotStarted) -> Report {
    let began = ContinuousClock.now
    let printed = tmpfile()
    let spoken = tmpfile()
    let told = tmpfile()
    defer { for file in [printed, spoken, told] { if let file { fclose(file) } } }
    guard let printed, let spoken, let told else { throw NotStarted(reason: String(cString: strerror(errno))) }
    do {
      try JSONEncoder().encode(job).withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, told) }
    } catch {
      throw NotStarted(reason: "\(error)")
    }
    rewind(told)
    let pid = try spawn(input: fileno(told), output: fileno(printed), messages: fileno(spoken))
    let status = wait(for: pid)
    var report = read(spoken)
    let took = (ContinuousClock.now - began).components
    report.milliseconds = Int(took.seconds) * 1000 + Int(took.attoseconds / 1_000_000_000_000_000)
    switch status {
    case nil: report.fail("it was still at it after \(limit.components.seconds) s, and was ended")
    case .some(let status) where status & 0x7f != 0:
      let name = Self.name(ofSignal: status & 0x7f)
      report.fail("it crashed: \(name)\(report.verdict == .pass ? ", when the process ended" : "")")
    case .some(let status) where status >> 8 & 0xff != 0:
      report.fail("it ended the process, with exit status \(status >> 8 & 0xff)")
    default: break
    }
    let words = contents(of: printed)
    if report.verdict == .pass, !words.isEmpty {
      report.fail("it wrote to stdout or stderr: \(String(decoding: words.prefix(200), as: UTF8.self))")
    }
    return report
  }

  struct NotStarted: Error { let reason: String }

  private func spawn(input: Int32, output: Int32, messages: Int32) throws(NotStarted) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // By way of high numbers: one that is 0 to 3 itself would be overwritten before it is passed on.
    let spare = [input, output, messages].map { fcntl($0, F_DUPFD_CLOEXEC, 10) }
    defer { for descriptor in spare { close(descriptor) } }
    for (from, to) in [
      (spare[0], STDIN_FILENO), (spare[1], STDOUT_FILENO), (spare[1], STDERR_FILENO), (spare[2], RuleWorker.messages),
    ] { posix_spawn_file_actions_adddup2(&actions, from, to) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let words: [String] = [executable, RuleWorker.subcommand]
    let argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in argv { free(argument) } }
    // glibc counts what each thread keeps for its next allocations as allocated, which looks like a leak: nothing is kept.
    let tunables = "GLIBC_TUNABLES=glibc.malloc.tcache_count=0"
    let inherited = ProcessInfo.processInfo.environment.filter { $0.key != "GLIBC_TUNABLES" }
    let settings = inherited.map { "\($0)=\($1)" } + [tunables]
    let envp: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) } + [nil]
    defer { for setting in envp { free(setting) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, executable, &actions, &attributes, argv, envp)
    guard code == 0 else { throw NotStarted(reason: String(cString: strerror(code))) }
    return pid
  }

  /// nil: it had to be ended.
  private func wait(for pid: pid_t) -> Int32? {
    let end = ContinuousClock.now.advanced(by: limit)
    var status: Int32 = 0
    while waitpid(pid, &status, WNOHANG) != pid {
      if ContinuousClock.now > end {
        kill(pid, SIGKILL)
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return nil
      }
      usleep(2000)
    }
    return status
  }

  private func read(_ file: UnsafeMutablePointer<FILE>) -> Report {
    var report = Report(verdict: .fail, reason: "it ended the process before the rule was through")
    for line in contents(of: file).split(separator: UInt8(ascii: "\n")) {
      do {
        switch try JSONDecoder().decode(RuleMessage.self, from: Data(line)) {
        case .makes(let name): report.made.append(name)
        case .verdict(let verdict, let reason): (report.verdict, report.reason) = (verdict, reason)
        }
      } catch {
        // Cut off by a crash: there is no verdict then, which is one.
        continue
      }
    }
    return report
  }

  private func contents(of file: UnsafeMutablePointer<FILE>) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 1 << 20 {
      let count = pread(fileno(file), &buffer, buffer.count, bytes.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return bytes
  }

  private static func name(ofSignal number: Int32) -> String {
    let names: [Int32: String] = [
      SIGSEGV: "SIGSEGV", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGFPE: "SIGFPE",
      SIGPIPE: "SIGPIPE", SIGKILL: "SIGKILL", SIGTERM: "SIGTERM", SIGTRAP: "SIGTRAP",
    ]
    return "\(names[number] ?? "signal \(number)") (\(strsignal(number).map { String(cString: $0) } ?? "unknown"))"
  }
}

extension RuleProcess.Report {
  fileprivate mutating func fail(_ reason: String) {
    verdict = .fail
    self.reason = reason
  }
}
