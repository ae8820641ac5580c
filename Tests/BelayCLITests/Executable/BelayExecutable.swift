import Foundation
import Testing

/// The real executable, called as a person calls it.
struct BelayExecutable {
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Beside the test bundle, whatever the build's folder and configuration.
  static func path() throws -> URL {
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let beside = URL(filePath: bundle).deletingLastPathComponent().appending(path: "belay")
    try #require(FileManager.default.isExecutableFile(atPath: beside.path), "\(beside.path) is not built")
    return beside
  }

  /// - Parameters:
  ///   - arguments: Without the program's name.
  ///   - folder: The current folder of the call.
  ///   - input: All of its stdin.
  /// - Returns: How it ended and what it wrote.
  /// - Throws: Where it cannot be started; a status other than 0 is no error here.
  static func run(_ arguments: [String], in folder: URL, input: String = "") throws -> Outcome {
    let process = Process()
    process.executableURL = try path()
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // Files and not pipes: nothing waits for a reader.
    let files = ["in", "out", "err"].map { folder.appending(path: ".belay-test-\($0)-\(UUID().uuidString)") }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }  // the folder goes with the test
    for file in files { try Data(file == files[0] ? Array(input.utf8) : []).write(to: file) }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
  }
}

/// A folder that is gone with the test.
final class TemporaryFolder {
  let url: URL

  init() throws {
    // The real path: a folder that the system reaches by a link would differ from what belay prints.
    let root = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
    url = root.appending(path: "belay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)  // a temp folder that stays harms nobody
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: url.appending(path: name))
  }
}
