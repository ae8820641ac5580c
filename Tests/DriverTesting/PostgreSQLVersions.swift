import Foundation

extension PostgreSQLServer {
  /// A server's programs, by its major version.
  package struct Version: Sendable, CustomStringConvertible {
    package let major: Int
    package let programs: String
    package var description: String { "PostgreSQL \(major)" }
  }

  /// One of each version that is installed: Debian's packages, and wheels of Python's (`scripts/needs versions`).
  package static let installedVersions: [Version] = {
    var found: [Int: String] = [:]
    for folder in debianFolders() + wheelFolders() {
      guard FileManager.default.isExecutableFile(atPath: folder + "/initdb"), let major = major(of: folder) else {
        continue
      }
      if found[major] == nil { found[major] = folder }
    }
    return found.sorted { $0.key < $1.key }.map { Version(major: $0.key, programs: $0.value) }
  }()

  private static func debianFolders() -> [String] {
    let root = "/usr/lib/postgresql"
    // None is installed if the folder is missing.
    return ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).map { "\(root)/\($0)/bin" }
  }

  /// Each wheel has them in a folder of its own.
  private static func wheelFolders() -> [String] {
    let root = "/usr/local/lib/belay-test-servers"
    // None is installed if the folder is missing.
    let wheels = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return wheels.sorted().map { "\(root)/\($0)/pginstall/bin" }
  }

  /// `postgres (PostgreSQL) 16.2`
  private static func major(of folder: String) -> Int? {
    let process = Process()
    process.executableURL = URL(filePath: folder + "/postgres")
    process.arguments = ["--version"]
    let output = Pipe()
    process.standardOutput = output
    // A server that does not start has no version.
    guard (try? process.run()) != nil else { return nil }
    let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return words.firstMatch(of: /\(PostgreSQL\) (\d+)/).flatMap { Int($0.1) }
  }

}
