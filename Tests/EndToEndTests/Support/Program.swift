import Foundation
import Testing

/// A program run as a person runs it.
enum Program {
  struct Outcome: CustomStringConvertible {
    let status: Int32
    let output: String
    let errors: String
    var description: String { "exit \(status)\n--- stdout\n\(output)\n--- stderr\n\(errors)" }
    var lastLine: String { output.split(separator: "\n").last.map(String.init) ?? "" }
  }

  static func belay() throws -> URL { try built("belay") }

  /// An executable beside the test bundle, whatever the build's folder and configuration.
  static func built(_ name: String) throws -> URL {
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let beside = URL(filePath: bundle).deletingLastPathComponent().appending(path: name)
    try #require(FileManager.default.isExecutableFile(atPath: beside.path), "\(beside.path) is not built")
    return beside
  }

  static func run(
    _ path: String, _ arguments: [String], in folder: URL, input: String = "", environment: [String: String] = [:]
  ) throws -> Outcome {
    let running = try start(path, arguments, in: folder, input: input, environment: environment)
    return try running.wait()
  }

  /// Starts it and goes on.
  static func start(
    _ path: String, _ arguments: [String], in folder: URL, input: String = "", environment: [String: String] = [:]
  ) throws -> Running {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    // Files and not pipes: nothing waits for a reader.
    let files = ["in", "out", "err"].map { folder.appending(path: ".\($0)-\(UUID().uuidString)") }
    for file in files { try Data(file == files[0] ? Array(input.utf8) : []).write(to: file) }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    return Running(process: process, files: files)
  }

  struct Running {
    let process: Process
    fileprivate let files: [URL]

    /// The processes that it has started, and that still run.
    func children() throws -> [pid_t] {
      let id = process.processIdentifier
      return try String(contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8)
        .split(separator: " ").compactMap { pid_t($0) }
    }

    /// What hangs is killed after some minutes, and has failed.
    func wait() throws -> Outcome {
      let id = process.processIdentifier
      let limit = DispatchWorkItem { kill(id, SIGKILL) }
      DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(300), execute: limit)
      process.waitUntilExit()
      limit.cancel()
      defer { for file in files { try? FileManager.default.removeItem(at: file) } }  // they go with the folder
      let status =
        process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
      return Outcome(
        status: status, output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
        errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
    }
  }
}
