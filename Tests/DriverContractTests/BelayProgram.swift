import DriverTesting
import Foundation
import Testing

/// A rule's result, as `belay driver test --json` tells of it.
struct RuleRecord: Decodable, Sendable {
  let number: Int
  let area: String
  let text: String
  let verdict: String
  let reason: String?
  let calls: [String]?
}

/// The real executable.
enum BelayProgram {
  /// Beside the test bundle, whatever the build's folder and configuration.
  static func path() throws -> URL {
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: bundle).deletingLastPathComponent().appending(path: "belay")
  }

  /// What it prints to stdout, and its exit status.
  static func run(
    _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = try path()
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    process.currentDirectoryURL = URL(filePath: folder.path)
    // A file and not a pipe: nothing waits for a reader.
    let output = try folder.file("output-\(UUID().uuidString)", "")
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOfFile: output, encoding: .utf8))
  }

  /// Holds a driver to the rules. more: e.g. `--rule 301`.
  static func test(
    _ subject: ConformanceSubject, _ more: [String], file: String? = nil, environment: [String: String] = [:]
  ) throws -> [RuleRecord] {
    let folder = try TemporaryFolder()
    var arguments = ["driver", "test", try file ?? subject.file(), "--url", try subject.url(folder.path), "--json"]
    if let specimen = subject.specimen { arguments += ["--specimen", "\(Compiler.repository)/\(specimen)"] }
    if subject.coreOnly { arguments.append("--core-only") }
    let own = try subject.environment().merging(environment) { _, new in new }
    let (status, output) = try run(arguments + more, in: folder, environment: own)
    let lines = output.split(separator: "\n").filter { $0.contains(#""event":"rule""#) }
    let records = try lines.map { try JSONDecoder().decode(RuleRecord.self, from: Data($0.utf8)) }
    #expect(status == (records.contains { $0.verdict == "fail" } ? 1 : 0), "\(output)")
    #expect(!records.isEmpty, "\(output)")
    return records
  }
}
