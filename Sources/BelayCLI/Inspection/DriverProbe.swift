import BelayBase
import BelayCore
import BelayDrivers
import BelayProcess
import BelayRuns
import Foundation
import Glibc

/// Loads a driver in a separate process, so that whatever the driver does is reported and does no harm.
struct DriverProbe: Sendable {
  /// The driver's information about itself.
  struct Answer: Codable {
    var version: String
    var schemes: [String]
    var extensions: [String]
    /// "1.0"
    var abi: String
  }

  /// The output of the process: one line of JSON.
  enum Message: Codable {
    case loaded(Answer)
    case refused(message: String, hint: String?)
  }

  /// The result.
  struct Report {
    /// nil if it could not be loaded.
    var answer: Answer?
    /// Why it could not be loaded, and what to do about it.
    var flaw: (message: String, hint: String?)?
    /// What it wrote to stdout or stderr while it was loaded, which is forbidden.
    var printed: String?
  }

  /// The path of the running executable.
  let executable: String
  /// The child has a time limit of its own, and reports when it is reached; this one is for a child that cannot do
  /// that.
  var limit = Driver.entryLimit + .seconds(5)

  private static let mostPrinted = 4096

  /// Loads the driver at this path under this name.
  /// - Throws: `.failed` if the system has no process or descriptor left.
  func look(at path: String, as name: String) throws(BelayError) -> Report {
    guard let answers = PipeEnds.open() else { throw Self.notStarted(errno) }
    guard let output = PipeEnds.open() else {
      let code = errno
      answers.close()
      throw Self.notStarted(code)
    }
    defer {
      close(answers.reading)
      close(output.reading)
    }
    let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
    let process: ChildProcess
    do {
      defer { for end in [answers.writing, output.writing, null] { close(end) } }
      process = try ProcessStart(
        // Not `executable`: an update may have replaced that file meanwhile.
        executable: "/proc/self/exe", arguments: [executable, DriverProbeChild.subcommand, name, path],
        descriptors: [
          (null, STDIN_FILENO), (output.writing, STDOUT_FILENO), (output.writing, STDERR_FILENO),
          (answers.writing, DriverProbeChild.answers),
        ]
      ).start()
    } catch {
      throw Self.notStarted(error.code)
    }
    var (said, printed): ([UInt8], [UInt8]) = ([], [])
    for descriptor in [answers.reading, output.reading] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    // Does not wait for a child of the driver that keeps the pipe open.
    let ending = process.wait(atMost: limit) {
      said += Self.drain(answers.reading)
      printed += Self.drain(output.reading)
    }
    return report(name, path, ending, said, printed)
  }

  /// The schemes of the driver at this path.
  @Sendable func schemes(of name: String, at path: String) throws(DriverLoadError) -> [String] {
    func refusal(_ message: String, _ hint: String?) -> DriverLoadError {
      DriverLoadError(.notLoadable, name: name, path: path, message: message, hint: hint)
    }
    let report: Report
    do {
      report = try look(at: path, as: name)
    } catch {
      throw refusal(
        "driver \(name) cannot be inspected: \(([error.message] + error.causes).joined(separator: ": "))", nil)
    }
    if let flaw = report.flaw { throw refusal(flaw.message, flaw.hint) }
    return report.answer?.schemes ?? []
  }

  private static func drain(_ descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: mostPrinted)
    while bytes.count < 1 << 20 {
      let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { break }
      bytes += piece[..<count]
    }
    return bytes
  }

  private func report(
    _ name: String, _ path: String, _ ending: ProcessEnding?, _ said: [UInt8], _ printed: [UInt8]
  ) -> Report {
    var report = Report()
    if !printed.isEmpty {
      report.printed = String(decoding: printed.prefix(Self.mostPrinted), as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let author = "report this to the driver's author; \(path)"
    do {
      let line = said.prefix { $0 != UInt8(ascii: "\n") }
      switch try EventLine.decode(Message.self, from: Array(line)) {
      case .loaded(let answer): report.answer = answer
      case .refused(let message, let hint): report.flaw = (message, hint)
      }
    } catch {
      // It ended without an answer.
      switch ending {
      case .exited(let status):
        report.flaw = ("driver \(name) ends the process that loads it, with status \(status)", author)
      case .killed(let signal):
        let words = "signal \(signal), \(String(cString: strsignal(signal)))"
        report.flaw = ("driver \(name) crashes when it is loaded: \(words)", author)
      case nil:
        report.flaw = ("driver \(name) hangs: the process that loads it had to be ended", author)
      }
    }
    return report
  }

  private static func notStarted(_ code: Int32) -> BelayError {
    BelayError(
      .failed, "the process that inspects drivers cannot be started", state: "nothing was changed",
      causes: [String(cString: strerror(code))])
  }
}
