import DriverTesting
import Foundation
import Testing

/// What a person has seen who ran belay at a terminal: `Tests/Terminal/screens.py`.
struct Screens: Decodable {
  let status: Int32
  /// All that belay has written.
  let raw: String
  /// The screen at the moment of each answer.
  let asked: [[String]]
  /// Each line that was ever on the screen.
  let seen: [String]
  /// The screen at the end.
  let final: [String]
  /// Lines that belay wrote wider than the terminal.
  let overlong: [String]

  /// Lines that belay could have broken: what is one word, such as a path, or the command that undoes a run, is to be copied.
  var broken: [String] {
    overlong.filter { line in
      !line.hasPrefix("belay rollback ") && line.split(separator: " ").count > 1
    }
  }
}

extension BelayFolder {
  /// - Parameters:
  ///   - columns: of the terminal.
  ///   - typing: for each words on the screen, the keys that follow: with the line end.
  func screens(
    _ arguments: [String], columns: Int, typing: [(after: String, keys: String)] = [],
    environment: [String: String] = [:]
  ) throws -> Screens {
    let script = "\(Compiler.repository)/Tests/Terminal/screens.py"
    let keys = String(decoding: try JSONEncoder().encode(typing.map { [$0.after, $0.keys] }), as: UTF8.self)
    let run = try Program.run(
      "/usr/bin/env", ["python3", script, String(columns), keys, try Program.belay().path] + arguments, in: folder,
      environment: ["TERM": "xterm-256color", "NO_COLOR": ""].merging(environment) { _, new in new })
    try #require(run.status == 0, "\(run)")
    return try JSONDecoder().decode(Screens.self, from: Data(run.output.utf8))
  }
}
