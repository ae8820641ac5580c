import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// The driver as it was built: the shared object beside the test bundle, whatever the build's folder.
enum BuiltDriver {
  static func folder() throws -> String {
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return (bundle as NSString).deletingLastPathComponent
  }

  static func path() throws -> String {
    let path = try folder() + "/libbelay-driver-sqlite.so"
    try #require(
      FileManager.default.fileExists(atPath: path), "\(path) is missing: swift build --product belay-driver-sqlite")
    return path
  }

  static func load() throws -> Driver {
    _ = try path()
    return try DriverSearch(paths: [], environment: [:], executable: folder() + "/belay").load(named: "sqlite")
  }

  static func open(_ path: String, _ options: [String: String] = [:]) throws -> Connection {
    try load().open(
      "sqlite:" + path, options: options.map { DriverOption(key: $0.key, value: $0.value, isSecret: false) },
      operation: Operation())
  }
}

/// A database of one test's own, made with SQLite's own shell.
final class Sample {
  let folder: TemporaryFolder
  let path: String

  init(_ sql: String = "", name: String = "app.db") throws {
    folder = try TemporaryFolder()
    path = folder(name)
    if !sql.isEmpty { try Shell.run(path, sql) }
  }

  func connect(_ options: [String: String] = [:]) throws -> Connection { try BuiltDriver.open(path, options) }

  /// The folder goes with the last use of this object: a connection alone does not keep it.
  func keep() {}

  /// The files beside it, hidden ones too.
  var files: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
  }
}

/// The sqlite3 program.
enum Shell {
  struct Failure: Error, CustomStringConvertible { let description: String }

  /// Runs SQL and dot commands; stops at the first error.
  /// - Returns: what it printed, without the last line end.
  @discardableResult
  static func run(_ database: String, _ sql: String) throws -> String {
    let running = try start(database, sql)
    return try running.wait()
  }

  static func start(_ database: String, _ sql: String) throws -> Running {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sqlite3", "-batch", "-bail", database]
    // Files and not pipes: nothing waits for a reader.
    process.standardInput = FileHandle(forReadingAtPath: try folder.file("in", sql))
    process.standardOutput = FileHandle(forWritingAtPath: try folder.file("out", ""))
    process.standardError = FileHandle(forWritingAtPath: try folder.file("err", ""))
    try process.run()
    return Running(process: process, folder: folder)
  }

  struct Running {
    let process: Process
    let folder: TemporaryFolder

    func wait() throws -> String {
      process.waitUntilExit()
      let output = String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder("out"))), as: UTF8.self)
      guard process.terminationStatus == 0 else {
        throw Failure(description: try String(contentsOfFile: folder("err"), encoding: .utf8))
      }
      return output.hasSuffix("\n") ? String(output.dropLast()) : output
    }
  }
}

extension Connection {
  func run(_ sql: String) throws { _ = try execute(sql, operation: Operation()) }

  func rows(_ sql: String, _ parameters: [Value] = []) throws -> [[Value]] {
    try values(sql, parameters: parameters, operation: Operation())
  }

  /// The first value of the first row.
  func first(_ sql: String) throws -> Value { try rows(sql).first?.first ?? .null }

  func dumped(token: String? = nil) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try dump("sqlite_db", token: token, operation: Operation()) { bytes += $0 }
    return bytes
  }

  func restore(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    try restoreDump("sqlite_db", operation: Operation()) { buffer in rest.fill(buffer) }
  }

  func verify(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    try verifyDump("sqlite_db", operation: Operation()) { buffer in rest.fill(buffer) }
  }
}

extension ArraySlice<UInt8> {
  fileprivate mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = Swift.min(count, buffer.count)
    buffer.copyBytes(from: prefix(count))
    removeFirst(count)
    return count
  }
}
