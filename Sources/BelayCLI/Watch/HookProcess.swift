import BelayProcess
import BelayText
import Glibc

/// A program that a hook runs: started, given its input, ended after its time.
struct HookProcess {
  /// What of its output is kept, in bytes: it may print megabytes.
  private static let mostOutput = 2000

  let executable: String
  /// With the program's name first.
  let arguments: [String]
  var environment: [String: String] = [:]
  /// Its stdin.
  let input: [UInt8]
  /// What it finds as /dev/fd/3; nil: nothing.
  var secondInput: [UInt8]?

  struct Outcome {
    /// nil: it took too long, and was killed with all that it had started.
    var ending: ProcessEnding?
    /// The beginning of what it printed.
    var output: String
  }

  /// - Throws: why it cannot be started.
  func run(limit: Duration) throws(ProcessStart.Failure) -> Outcome {
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
      try ProcessStart(
        executable: executable, arguments: arguments, descriptors: descriptors, environment: environment
      ).start()
    }
    close(output.writing)
    let child = try started.get()
    var kept: [UInt8] = []
    let ending = child.wait(atMost: limit) {
      // All is read, so that it never waits for a reader.
      var piece = [UInt8](repeating: 0, count: 65_536)
      for _ in 0..<64 {
        let count = piece.withUnsafeMutableBytes { read(output.reading, $0.baseAddress, $0.count) }
        guard count > 0 else { break }
        kept += piece[..<min(count, max(0, Self.mostOutput - kept.count))]
      }
    }
    withExtendedLifetime((first, second)) {}
    return Outcome(ending: ending, output: VisibleText.line(String(decoding: kept, as: UTF8.self).trimmed))
  }
}

extension String {
  fileprivate var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else {
      return ""
    }
    return String(self[first...last])
  }
}

/// A file that has no name, so that nobody finds it and nothing of it is left.
private final class UnnamedFile {
  let descriptor: Int32

  init(_ bytes: [UInt8]) throws(ProcessStart.Failure) {
    guard let file = tmpfile() else { throw ProcessStart.Failure(code: errno) }
    descriptor = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0)
    fclose(file)
    guard descriptor >= 0 else { throw ProcessStart.Failure(code: errno) }
    guard FileBytes.writeAll(bytes, to: descriptor), lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw ProcessStart.Failure(code: errno)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
