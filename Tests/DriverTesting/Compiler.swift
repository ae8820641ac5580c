import Foundation

/// Builds a driver in C as its author would: with cc and the one header.
package enum Compiler {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// The root of the source tree.
  package static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// source: from the root of the tree. flags: e.g. "-DNO_SYMBOL". Returns output.
  @discardableResult
  package static func build(_ source: String, to output: String, flags: [String] = []) throws -> String {
    try run(
      "cc",
      [
        "-std=c11", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared",
        "-I\(repository)/Sources/CBelayDriver/include", "-o", output, "\(repository)/\(source)",
      ] + flags)
    return output
  }

  /// Runs a program found in PATH; throws what it wrote to stderr if it fails.
  package static func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(description: "\(program): \(text)") }
  }
}
