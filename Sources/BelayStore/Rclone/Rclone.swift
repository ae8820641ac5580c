import BelayArchive
import BelayProcess
import Foundation
import Synchronization

/// The installed rclone, and how it is called: one process for each call. Its remotes and their secrets are its own matter,
/// in its configuration or in environment variables; nothing of them passes through belay.
struct Rclone: Sendable {
  /// What a call came to, where rclone did run.
  struct Outcome: Sendable {
    let ending: ProcessEnding
    let output: [UInt8]
    let errors: String

    var isDone: Bool { ending == .exited(0) }
    /// rclone's own statuses for a folder and a file that are not there.
    var isMissing: Bool { ending == .exited(3) || ending == .exited(4) }
  }

  /// The oldest that belay was tested with.
  static let oldest = RcloneVersion(major: 1, minor: 60)

  /// Asked again and again while a call lasts: true ends it.
  let isStopped: @Sendable () -> Bool

  init(isStopped: @escaping @Sendable () -> Bool = { false }) { self.isStopped = isStopped }

  /// How long a call may say nothing that is expected to answer at once.
  static let patience = Duration.seconds(180)
  /// How long one that copies may: rclone itself gives a connection up that is idle.
  static let copyPatience = Duration.seconds(24 * 3600)
  private static let mostOutput = 64 << 20

  /// Runs it to its end.
  /// - Parameter place: what it is about, for messages.
  /// - Throws: where it could not be run, was stopped, or never answered. That it failed is in the outcome.
  func run(
    _ arguments: [String], at place: String, patience: Duration = patience
  ) throws(ArchiveError) -> Outcome {
    let process = try start(arguments, at: place)
    var output: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 8)
    defer { buffer.deallocate() }
    reading: while true {
      switch process.read(into: buffer, patience: patience, isStopped: isStopped) {
      case .bytes(let count):
        output += buffer[..<count]
        guard output.count <= Self.mostOutput else {
          throw ArchiveError(.unreachable, path: place, "rclone lists more about \(place) than belay reads")
        }
      case .end: break reading
      case .silence: throw Self.silent(place, patience)
      case .stopped: throw ArchiveError(.cancelled, path: place, "the work on \(place) was stopped")
      }
    }
    return Outcome(ending: process.wait(), output: output, errors: process.errorText)
  }

  /// Starts it, for reading its output.
  func start(_ arguments: [String], at place: String) throws(ArchiveError) -> StreamedProcess {
    let environment = ProcessInfo.processInfo.environment
    let program: String
    switch CommandSearch("rclone", path: environment["PATH"], folder: FileManager.default.currentDirectoryPath) {
    case .found(let path): program = path
    case .missing:
      throw ArchiveError(
        .unreachable, path: place, "rclone is not installed, and \(place) is reached by it",
        hint: "install it, e.g. `apt-get install rclone`")
    case .notExecutable(let path):
      throw ArchiveError(.unreachable, path: place, "\(path) cannot be run, and \(place) is reached by it")
    }
    do throws(ProcessStart.Failure) {
      return try StreamedProcess(
        executable: program, arguments: ["rclone"] + arguments, environment: Self.settings(environment))
    } catch {
      throw ArchiveError(.unreachable, path: place, "cannot start \(program): \(error.reason)")
    }
  }

  /// Settings as environment variables, which rclone takes for its options. What a person has set stays, but for what
  /// would ask somebody who is not there, or mix something into the answers.
  private static func settings(_ environment: [String: String]) -> [String: String] {
    var settings = [
      "RCLONE_CONTIMEOUT": "20s", "RCLONE_TIMEOUT": "1m", "RCLONE_RETRIES": "3", "RCLONE_LOW_LEVEL_RETRIES": "3",
    ].filter { environment[$0.key] == nil }
    settings["RCLONE_ASK_PASSWORD"] = "false"
    settings["RCLONE_PROGRESS"] = "false"
    settings["RCLONE_USE_JSON_LOG"] = "false"
    settings["RCLONE_DRY_RUN"] = "false"
    settings["RCLONE_INTERACTIVE"] = "false"
    return settings
  }

  static func silent(_ place: String, _ patience: Duration) -> ArchiveError {
    ArchiveError(
      .unreachable, path: place, "rclone has said nothing about \(place) for \(patience.components.seconds) seconds",
      hint: "see whether `rclone lsf` answers there")
  }

  /// - Parameter doing: as in "cannot VERB".
  static func failed(_ doing: String, _ place: String, _ ending: ProcessEnding, _ errors: String) -> ArchiveError {
    let reason = RcloneMessage(errors).text ?? "rclone \(ending)"
    return ArchiveError(
      .unreachable, path: place, "cannot \(doing) \(place): \(reason)",
      hint: "belay calls the installed rclone: its own commands, such as `rclone lsf`, must work there too")
  }
}

/// A version of rclone.
struct RcloneVersion: Comparable, CustomStringConvertible {
  let major: Int
  let minor: Int

  init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// From the first line of `rclone version`: `rclone v1.60.1-DEV`. nil: it is another one.
  init?(line: some StringProtocol) {
    guard let match = String(line).wholeMatch(of: #/rclone v(\d+)\.(\d+)\D.*/#), let major = Int(match.1),
      let minor = Int(match.2)
    else { return nil }
    self.init(major: major, minor: minor)
  }

  static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
  var description: String { "\(major).\(minor)" }
}
