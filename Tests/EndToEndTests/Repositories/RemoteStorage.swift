import Foundation
import Testing

/// A remote of rclone on this machine, gone when the test is: a server, and the environment by which rclone finds it.
final class RemoteStorage {
  enum Kind: String, CaseIterable, CustomTestStringConvertible {
    /// `rclone serve webdav`: a file has a temporary name first, and no hash is told.
    case webdav
    /// moto's: an object store, whose hashes are MD5.
    case s3

    var testDescription: String { rawValue }
  }

  let kind: Kind
  /// For belay and for rclone.
  private(set) var environment: [String: String]
  /// As belay takes it.
  let place = "rclone:REMOTE:bucket/shop"
  private let folder: URL
  private let server: Process

  /// - Parameter options: for `rclone serve`.
  init(_ kind: Kind, options: [String] = []) throws {
    self.kind = kind
    folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "belay-remote-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "files/bucket"), withIntermediateDirectories: true)
    let log = folder.appending(path: "log")
    try Data().write(to: log)
    server = Process()
    server.executableURL = URL(filePath: "/usr/bin/env")
    server.arguments =
      switch kind {
      case .webdav: ["rclone", "serve", "webdav", "files", "--addr", "127.0.0.1:0"] + options
      case .s3: ["moto_server", "-H", "127.0.0.1", "-p", "0"]
      }
    server.currentDirectoryURL = folder
    let output = try FileHandle(forWritingTo: log)
    server.standardOutput = output
    server.standardError = output
    try server.run()
    // What is not in this file is in nobody's configuration.
    environment = [
      "RCLONE_CONFIG": folder.appending(path: "none.conf").path, "RCLONE_CONFIG_REMOTE_PROVIDER": "Other",
      "RCLONE_CONFIG_REMOTE_ACCESS_KEY_ID": "somebody", "RCLONE_CONFIG_REMOTE_SECRET_ACCESS_KEY": "open-sesame",
      "RCLONE_CONFIG_REMOTE_TYPE": kind.rawValue, "AWS_CA_BUNDLE": "",
    ]
    let address = try Self.address(in: log)
    environment["RCLONE_CONFIG_REMOTE_ENDPOINT"] = address
    environment["RCLONE_CONFIG_REMOTE_URL"] = address
    if kind == .s3 { try rclone("mkdir", "REMOTE:bucket") }
  }

  deinit {
    stop()
    try? FileManager.default.removeItem(at: folder)
  }

  func stop() {
    guard server.isRunning else { return }
    // Some servers wait for their connections when they are asked to end.
    kill(server.processIdentifier, SIGKILL)
    server.waitUntilExit()
  }

  private static func address(in log: URL) throws -> String {
    for _ in 0..<2400 {
      let text = try String(contentsOf: log, encoding: .utf8)
      if let match = text.firstMatch(of: /(http:\/\/127\.0\.0\.1:\d+)/) { return String(match.1) }
      usleep(50_000)
    }
    throw Unavailable(text: try String(contentsOf: log, encoding: .utf8))
  }

  struct Unavailable: Error { let text: String }

  @discardableResult
  func rclone(_ arguments: String...) throws -> Program.Outcome {
    let run = try Program.run("/usr/bin/env", ["rclone"] + arguments, in: folder, environment: environment)
    try #require(run.status == 0, "rclone \(arguments): \(run)")
    return run
  }

  /// The names in the repository.
  func names() throws -> [String] {
    try rclone("lsf", "REMOTE:bucket/shop/").output.split(separator: "\n").map(String.init).sorted()
  }

  /// As they lie in the folder of a `webdav`, those too that are being stored.
  func files() throws -> [String] {
    let folder = folder.appending(path: "files/bucket/shop")
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder.path)
  }

  /// What is under a name.
  func content(_ name: String) throws -> Data {
    let file = folder.appending(path: "fetched-\(UUID().uuidString)")
    try rclone("copyto", "REMOTE:bucket/shop/\(name)", file.path)
    defer { try? FileManager.default.removeItem(at: file) }
    return try Data(contentsOf: file)
  }

  func put(_ file: URL, as name: String) throws { try rclone("copyto", file.path, "REMOTE:bucket/shop/\(name)") }

  /// Nothing is left in it.
  func empty() throws {
    for name in try names() { try rclone("deletefile", "REMOTE:bucket/shop/\(name)") }
  }
}
