import DriverTesting
import Foundation
import Testing

/// A machine of a test's own: PREFIX/bin/belay, a home, and a place where drivers are built.
final class DriverFolder: BelayFolder {
  private var executable: URL { folder.appending(path: "prefix/bin/belay") }
  var installed: String { folder.path + "/home/.local/share/belay/drivers/belay-driver-broken.so" }

  init() throws {
    try super.init(url: "broken:x")
    for name in ["prefix/bin", "prefix/etc/belay", "home", "built"] {
      try FileManager.default.createDirectory(
        at: folder.appending(path: name), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }
    let built = try Program.belay()
    do {
      try FileManager.default.linkItem(at: built, to: executable)
    } catch {
      // The folder for temporary files lies on another disk.
      try FileManager.default.copyItem(at: built, to: executable)
    }
  }

  /// Builds a driver with these flags and gives its path.
  @discardableResult
  func build(_ flags: [String] = [], version: String = "0.1", as name: String = "broken", in place: String = "built")
    throws -> String
  {
    let path = folder.path + "/\(place)/belay-driver-\(name).so"
    try FileManager.default.createDirectory(
      atPath: folder.path + "/" + place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    return try Compiler.build(
      "Tests/BelayDriversTests/Drivers/load.c", to: path,
      flags: ["-DID=\"\(name)\"", "-DSCHEMES=\"\(name)\"", "-DVERSION=\"\(version)\""] + flags)
  }

  @discardableResult
  func driver(_ arguments: String..., environment: [String: String] = [:]) throws -> Program.Outcome {
    try start(arguments, environment: environment).wait()
  }

  /// Starts `belay driver` and goes on.
  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Program.Running {
    let own = ["HOME": folder.path + "/home", "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "", "BELAY_DRIVER_PATH": ""]
    return try Program.start(
      executable.path, ["driver"] + arguments, in: folder, environment: own.merging(environment) { _, new in new })
  }

  /// The version of the driver that is found by its name; nil where it cannot be used.
  func version() throws -> String? {
    let run = try driver("list", "--json")
    let line = run.output.split(separator: "\n").first { $0.contains("\"broken\"") }
    guard let line, let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
      return nil
    }
    return record["version"] as? String
  }
}
