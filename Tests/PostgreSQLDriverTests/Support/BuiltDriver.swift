import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// The shared object that the build has made, loaded as belay loads it.
enum BuiltDriver {
  static let postgresql = Result {
    // The tests run from the build's folder, where a build tree's drivers lie.
    let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return try DriverSearch(paths: [], environment: [:], executable: executable).load(named: "postgresql")
  }

  /// The shared object's path.
  static func path() throws -> String {
    let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return (executable as NSString).deletingLastPathComponent + "/libbelay-driver-postgresql.so"
  }

  /// Opens a database of the tests' own server.
  static func open(
    _ database: String, user: String = "postgres", options: [String: String] = [:],
    operation: BelayDrivers.Operation = BelayDrivers.Operation()
  ) throws -> Connection {
    try postgresql.get().open(
      try PostgreSQLServer.shared().url(database, user: user),
      options: options.map { DriverOption(key: $0.key, value: $0.value, isSecret: false) }, operation: operation)
  }
}
