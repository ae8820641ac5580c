import Foundation
import Glibc
import Testing

extension BelayFolder {
  /// Runs belay at a terminal of its own, where each question that is asked gets its answer.
  func atTerminal(
    _ arguments: [String], answers: [(question: String, answer: String)]
  ) throws -> Program.Outcome {
    let keys = folder.appending(path: "keys").path
    try #require(mkfifo(keys, 0o600) == 0)
    // Open in both directions, so that the terminal does not hang up between two answers.
    let keyboard = open(keys, O_RDWR)
    try #require(keyboard >= 0)
    defer {
      close(keyboard)
      unlink(keys)
    }
    let words = [try Program.belay().path] + arguments
    let command = words.map { "'\($0)'" }.joined(separator: " ")
    let running = try Program.start(
      "/bin/sh", ["-c", "exec script -qefc \"$0\" screen <keys", command], in: folder)
    var screen = ""
    var read = 0
    for (question, answer) in answers {
      var asked = false
      for _ in 0..<3000 where !asked {
        guard running.process.isRunning else { break }
        usleep(20_000)
        screen = (try? String(contentsOf: folder.appending(path: "screen"), encoding: .utf8)) ?? ""
        asked = screen.dropFirst(read).contains(question)
      }
      try #require(asked, "it never asked \(question):\n\(screen)")
      read = screen.count
      let line = Array((answer + "\n").utf8)
      #expect(Glibc.write(keyboard, line, line.count) == line.count)
    }
    return try running.wait()
  }
}
