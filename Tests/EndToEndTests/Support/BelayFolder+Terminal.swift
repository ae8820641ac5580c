import Foundation
import Glibc
import Testing

extension BelayFolder {
  /// Runs belay at a wide terminal of its own, where somebody types as soon as some words are shown.
  /// - Parameter typing: for each words, keys: with the line end, or "\u{3}" for Ctrl+C.
  func atTerminal(
    _ arguments: [String], typing: [(after: String, keys: String)]
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
    // What an earlier terminal of this folder has shown is no question of this one's.
    let shown = folder.appending(path: "screen")
    if FileManager.default.fileExists(atPath: shown.path) { try FileManager.default.removeItem(at: shown) }
    let words = [try Program.belay().path] + arguments
    let command = words.map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }.joined(separator: " ")
    let running = try Program.start(
      "/bin/sh", ["-c", "exec script -qefc \"$0\" screen <keys", command], in: folder,
      environment: ["COLUMNS": "400"])
    var screen = ""
    var read = 0
    for (words, keys) in typing {
      var asked = false
      for _ in 0..<3000 where !asked {
        guard running.process.isRunning else { break }
        usleep(20_000)
        screen = (try? String(contentsOf: shown, encoding: .utf8)) ?? ""
        asked = screen.dropFirst(read).contains(words)
      }
      try #require(asked, "it never showed \(words):\n\(screen)")
      read = screen.count
      let bytes = Array(keys.utf8)
      #expect(Glibc.write(keyboard, bytes, bytes.count) == bytes.count)
    }
    return try running.wait()
  }
}
