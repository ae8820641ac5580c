import BelayDrivers
import BelayProcess
import Foundation
import Glibc

/// The driver's `restore_steps` for the SQL text, run as by somebody who has an archive and no belay.
private struct RestoreByHand {
  private let commands: [String]
  /// The name of the new database.
  private let name: String

  /// nil: the driver does not say how to restore the SQL text, or calls the new database something else than `restored`.
  init?(_ steps: [String], name: String) {
    let ways = steps.split(separator: "").map(Array.init)
    let ofText = ways.first { way in
      way.joined(separator: " ").firstMatch(of: /full_backup\.[a-z]+/)?.output == "full_backup.sql"
    }
    guard let ofText, ofText.contains(where: { $0.contains(/\brestored\b/) }) else { return nil }
    commands = ofText.map { $0.replacing(/\brestored\b/, with: name) }
    self.name = name
  }

  /// A program that the commands begin with, and that is not installed; nil: all of them are.
  var missingProgram: String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return commands.flatMap { $0.split(separator: "|") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
      .first { program in !folders.contains { access("\($0)/\(program)", X_OK) == 0 } }
  }

  /// Runs them in a folder that holds the text.
  func run(_ text: [UInt8], in folder: URL) throws {
    let member = folder.appending(path: "full_backup.sql")
    try Data(text).write(to: member)
    let words = folder.appending(path: "words")
    try Data().write(to: words)
    let output = try FileHandle(forWritingTo: words)
    // Foundation's null device has no descriptor here.
    let nothing = try FileHandle(forReadingFrom: URL(filePath: "/dev/null"))
    let script = (["set -e", "cd \"$0\"", "zstd -q full_backup.sql"] + commands).joined(separator: "\n")
    let shell = ProcessStart(
      executable: "/bin/sh", arguments: ["sh", "-c", script, folder.path],
      descriptors: [
        (nothing.fileDescriptor, STDIN_FILENO), (output.fileDescriptor, STDOUT_FILENO),
        (output.fileDescriptor, STDERR_FILENO),
      ])
    let ending = try shell.start().wait(atMost: .seconds(45))
    guard ending != .exited(0) else { return }
    let said = String(decoding: try Data(contentsOf: words).prefix(300), as: UTF8.self)
      .split(whereSeparator: \.isNewline).joined(separator: "; ")
    let how = ending == nil ? "did not end within 45 s" : "failed"
    throw Broken("restore_steps \(how): \(commands.joined(separator: "; ")): \(said)")
  }

  /// The database's file, if the commands made one.
  func file(in folder: URL) throws -> String? {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).first { $0.hasPrefix(name) }
      .map { folder.appending(path: $0).path }
  }
}

extension Bench {
  /// Has the engine's own client make a database of the SQL text of a backup, by the driver's `restore_steps`.
  func restoreByHand(_ text: [UInt8], _ traits: Traits, _ body: (Connection) throws -> Void) throws {
    guard specimen.runsRestoreSteps else { throw Skip("the specimen does not say that restore_steps may be run") }
    let name = name("restored")
    guard let byHand = RestoreByHand(traits.restoreSteps, name: name) else {
      throw Skip("restore_steps do not make a database `restored` of full_backup.sql")
    }
    if let program = byHand.missingProgram { throw Skip("restore_steps need \(program), which is not installed") }
    let folder = FileManager.default.temporaryDirectory.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    // What cannot be removed is in the system's folder for temporary files.
    defer { try? FileManager.default.removeItem(at: folder) }
    let isFile = !specimen.garbage.isEmpty
    if !isFile { reserve("restored") }
    try byHand.run(text, in: folder)
    guard isFile else { return try body(open("restored")) }
    guard let file = try byHand.file(in: folder) else { throw Broken("restore_steps have made no file \(name)…") }
    try body(open(url: url().prefix { $0 != "/" } + file))
  }
}
