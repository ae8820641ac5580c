import Foundation
import Testing

/// A folder with a migrations folder and a store, gone when the test is; and belay, run in it. What database it is about,
/// a subclass knows.
class BelayFolder {
  let folder: URL
  var store: URL { folder.appending(path: "backups") }
  let url: String

  init(url: String) throws {
    self.url = url
    folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "belay-e2e-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "migrations"), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  // MARK: Files

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  /// The file's folder is made too.
  func folder(of name: String, _ text: String) throws {
    try FileManager.default.createDirectory(
      at: folder.appending(path: name).deletingLastPathComponent(), withIntermediateDirectories: true)
    try write(text, to: name)
  }

  func migration(_ name: String, _ sql: String) throws { try write(sql, to: "migrations/\(name)") }

  /// Everything below a folder, by its path in it, except what runs keep there for themselves.
  func listing(_ folder: URL) throws -> [String] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return names.filter { name in
      ![
        "runs", "locks", "index", "signatures", "signing-key", "proofs", "pins", "copies", "elsewhere", "troubles",
        "watch",
      ].contains {
        name.hasPrefix($0)
      }
    }.sorted()
  }

  // MARK: belay

  @discardableResult
  func belay(_ arguments: String..., input: String = "", environment: [String: String] = [:]) throws -> Program.Outcome
  {
    try Program.run(
      Program.belay().path, arguments, in: folder, input: input, environment: environment)
  }

  @discardableResult
  func belay(_ arguments: [String], environment: [String: String] = [:]) throws -> Program.Outcome {
    try Program.run(Program.belay().path, arguments, in: folder, environment: environment)
  }

  /// The id of the newest archive.
  func latest() throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: store.path).filter { $0.hasSuffix(".tar") }
    return String(try #require(names.max()).dropLast(4))
  }

  /// The report of the run that began last.
  func latestReport() throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: store.appending(path: "runs").path)
    let report = "runs/\(try #require(names.max()))/report.md"
    return try String(contentsOf: store.appending(path: report), encoding: .utf8)
  }
}
