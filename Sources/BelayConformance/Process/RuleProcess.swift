import BelayProcess
import Foundation
import Glibc

/// Runs one rule in a separate process, and reports the result.
struct RuleProcess {
  /// What the process reported, and how it ended.
  struct Report {
    var verdict: Verdict
    var reason: String?
    /// The names of the databases that it may have created.
    var made: [String] = []
    /// A line for each call that began or ended.
    var calls: [String] = []
    var milliseconds = 0
  }

  /// The path of the running executable.
  let executable: String
  let job: RuleJob
  let limit: Duration

  /// Throws if the system has no process or descriptor left.
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
    let process = try start(input: fileno(told), output: fileno(printed), messages: fileno(spoken))
    let ending = process.wait(atMost: limit)
    var report = read(spoken)
    let took = (ContinuousClock.now - began).components
    report.milliseconds = Int(took.seconds) * 1000 + Int(took.attoseconds / 1_000_000_000_000_000)
    switch ending {
    case nil: report.fail("it was still running after \(limit.components.seconds) s, and was killed")
    case .killed(let signal):
      report.fail(
        "it crashed: \(SignalName.of(signal))\(report.verdict == .pass ? ", while the process was ending" : "")")
    case .exited(0): break
    case .exited(let status): report.fail("it ended the process with exit status \(status)")
    }
    let words = contents(of: printed)
    if report.verdict == .pass, !words.isEmpty {
      report.fail("it wrote to stdout or stderr: \(String(decoding: words.prefix(200), as: UTF8.self))")
    }
    return report
  }

  struct NotStarted: Error { let reason: String }

  private func start(input: Int32, output: Int32, messages: Int32) throws(NotStarted) -> ChildProcess {
    do {
      return try ProcessStart(
        executable: executable, arguments: [executable, RuleWorker.subcommand],
        descriptors: [
          (input, STDIN_FILENO), (output, STDOUT_FILENO), (output, STDERR_FILENO), (messages, RuleWorker.messages),
        ],
        // glibc counts the memory that each thread caches as allocated, which would look like a leak: turn the cache
        // off.
        environment: ["GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"],
        // Ctrl+C must reach both.
        isApart: false
      ).start()
    } catch {
      throw NotStarted(reason: error.reason)
    }
  }

  private func read(_ file: UnsafeMutablePointer<FILE>) -> Report {
    var report = Report(verdict: .fail, reason: "it ended the process before the rule was finished")
    for line in contents(of: file).split(separator: UInt8(ascii: "\n")) {
      do {
        switch try JSONDecoder().decode(RuleMessage.self, from: Data(line)) {
        case .makes(let name): report.made.append(name)
        case .call(let line): report.calls.append(line)
        case .verdict(let verdict, let reason): (report.verdict, report.reason) = (verdict, reason)
        }
      } catch {
        // A crash cut the message off: the missing verdict counts as a failure.
        continue
      }
    }
    return report
  }

  /// Its beginning, if it is longer than a trace of many thousand calls.
  private func contents(of file: UnsafeMutablePointer<FILE>) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < 64 << 20 {
      let count = pread(fileno(file), &buffer, buffer.count, bytes.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return bytes
  }
}

extension RuleProcess.Report {
  fileprivate mutating func fail(_ reason: String) {
    verdict = .fail
    self.reason = reason
  }
}
