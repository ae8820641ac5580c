import Foundation
import Testing

/// A program that is found as `rclone` before the real one, keeps a list of the calls, and lets one of them go wrong.
struct WatchedRclone {
  enum Fault: String, CaseIterable {
    /// The storage is not reached.
    case refused
    /// It is done, but the answer is lost.
    case lost
    /// belay's worker is killed before it.
    case killedBefore
    /// … and after it.
    case killedAfter
  }

  private let folder: URL
  private var list: URL { folder.appending(path: "calls") }

  init(in folder: URL) throws {
    self.folder = folder.appending(path: "watched")
    try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    let program = self.folder.appending(path: "rclone")
    try Data(Self.script.utf8).write(to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    try forget()
  }

  private static let script = """
    #!/bin/sh
    echo "$*" >> "$WATCHED_CALLS"
    number=$(wc -l < "$WATCHED_CALLS")
    real() { PATH=${PATH#*:} rclone "$@"; }
    if [ "$1" = "$WATCHED_COMMAND" ] && [ -n "$WATCHED_BEFORE" ]; then eval "$WATCHED_BEFORE"; fi
    [ "$number" = "$WATCHED_AT" ] || { PATH=${PATH#*:} exec rclone "$@"; }
    case $WATCHED_FAULT in
      refused) echo '2026/01/01 00:00:00 ERROR : connection refused' >&2; exit 1 ;;
      lost) real "$@" > /dev/null; echo '2026/01/01 00:00:00 ERROR : connection reset by peer' >&2; exit 1 ;;
      killedBefore) kill -9 $PPID; exit 1 ;;
      killedAfter) real "$@"; kill -9 $PPID; exit 0 ;;
    esac

    """

  /// - Parameters:
  ///   - call: the call that goes wrong, from 1; nil: none.
  ///   - before: a command of the shell, done right before each call of that command of rclone.
  func environment(
    _ call: Int? = nil, _ fault: Fault = .refused, before: (command: String, shell: String)? = nil
  ) -> [String: String] {
    [
      "PATH": folder.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"),
      "WATCHED_CALLS": list.path, "WATCHED_AT": call.map(String.init) ?? "", "WATCHED_FAULT": fault.rawValue,
      "WATCHED_COMMAND": before?.command ?? "", "WATCHED_BEFORE": before?.shell ?? "",
    ]
  }

  /// The arguments of each.
  func calls() throws -> [String] {
    try String(contentsOf: list, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  func forget() throws { try Data().write(to: list) }

  /// How many bytes its calls of `cat` could read at most.
  func bytesAskedFor() throws -> Int {
    try calls().reduce(0) { sum, call in
      sum + (call.firstMatch(of: #/^cat --offset \d+ --count (\d+) /#).flatMap { Int($0.1) } ?? 0)
    }
  }
}
