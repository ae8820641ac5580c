import CBelayDriver
import DriverTesting
import Foundation
import Testing

@testable import BelayDrivers

@Suite("Drivers that were built for 1.0")
struct FrozenTests {
  private static let frozen = "Tests/CBelayDriverTests/Frozen/1.0"
  private let folder: TemporaryFolder
  private let operation = BelayDrivers.Operation()

  init() throws { folder = try TemporaryFolder() }

  /// How a part was built.
  enum Build: String, Sendable, CaseIterable, CustomTestStringConvertible {
    /// With the header of 1.0.
    case then = "1.0"
    /// The same, its structs ending where they may at the earliest.
    case shortest = "1.0, shortest structs"
    /// With the header that is here now.
    case now = "today"
    /// With a header that is yet to come: every struct that may grow has grown.
    case later = "a later minor version"
    var testDescription: String { rawValue }
  }

  @Test("one does under this host all that it did", arguments: Build.allCases)
  func everything(build: Build) throws {
    _ = try self.build(.driver, build, to: folder("belay-driver-frozen.so"))
    let driver = try DriverSearch(paths: [folder.path], environment: [:], executable: "/nowhere/bin/belay")
      .load(named: "frozen")
    #expect(driver.extensionIDs == FrozenCalls.extensions)
    #expect(try driver.redirect("frozen:somewhere", operation: operation) == nil)
    #expect(
      try driver.redirect("frozen:elsewhere", operation: operation) == (build == .shortest ? nil : "other:there"))
    let connection = try driver.open("frozen:somewhere", options: [.create], operation: operation)
    FrozenCalls.expectTraits(connection.traits)
    try FrozenCalls.core(connection, hasDrop: build != .shortest)
    try FrozenCalls.reading(connection)
    try FrozenCalls.snapshot(connection, hasText: build != .shortest)
    try FrozenCalls.rows(connection)
    try FrozenCalls.interruptedState(connection)
    try FrozenCalls.checking(connection)
  }

  @Test(
    "hosts and drivers of different ages understand each other", arguments: Build.allCases, Build.allCases)
  func ages(host: Build, driver: Build) throws {
    let host = try build(.host, host, to: folder("host"))
    let file = try build(.driver, driver, to: folder("belay-driver-frozen.so"))
    #expect(
      try run(host, [file, "frozen:x", "SETUP", "INSERT", "SELECT"])
        == "frozen 1.0.0: 1 tables, 7 columns, 1 rows, a dump\n")
  }

  @Test(
    "a driver of today neither reads nor writes beyond what a host of 1.0 hands over",
    arguments: [
      ("minimal", "", "INSERT INTO entry (key, value) VALUES (?, ?)", "SELECT key, value FROM entry", "no dump"),
      (
        "sqlite", "CREATE TABLE entry (key TEXT, value TEXT)", "INSERT INTO entry VALUES (?, ?)",
        "SELECT key, value FROM entry", "a dump"
      ),
    ])
  func oldHost(driver: String, setUp: String, insert: String, select: String, dump: String) throws {
    let host = try build(.host, .then, to: folder("host"))
    let file =
      driver == "minimal"
      ? try Compiler.build(
        "Plugins/Examples/minimal/minimal.c", to: folder("belay-driver-minimal.so"),
        flags: ["\(Compiler.repository)/Plugins/Examples/minimal/entries.c"])
      : try DriverSearch(paths: [], environment: [:], executable: "/proc/self/exe").load(named: driver).path
    let said = try run(host, [file, "\(driver):\(folder.path)/database", setUp, insert, select])
    #expect(said.hasSuffix(": 1 tables, 2 columns, 2 rows, \(dump)\n"), "\(said)")
  }

  // MARK: Building

  private enum Part: String { case driver, host }

  /// Builds one of the frozen sources; returns output.
  private func build(_ part: Part, _ build: Build, to output: String) throws -> String {
    let root = Compiler.repository
    var flags = ["-std=c11", "-Wall", "-Wextra", "-Werror"]
    flags += part == .driver ? ["-fPIC", "-shared"] : []
    switch build {
    case .then: flags.append("-I\(root)/\(Self.frozen)")
    case .shortest: flags += ["-I\(root)/\(Self.frozen)", "-DPAST"]
    case .now: flags.append("-I\(root)/Sources/CBelayDriver/include")
    case .later:
      let today = try String(contentsOfFile: root + "/Sources/CBelayDriver/include/belay_driver.h", encoding: .utf8)
      try folder.file("later/belay_driver.h", try Self.grown(today))
      flags += ["-I\(folder("later"))", "-DFUTURE", "-Wno-missing-field-initializers"]
    }
    // A copy: a header beside a source is found before any other.
    let source = try folder.copy("\(root)/\(Self.frozen)/\(part.rawValue).c", to: "source-\(UUID().uuidString).c")
    try Compiler.run("cc", flags + ["-o", output, source, "-ldl"])
    return output
  }

  /// A header of which each struct that starts with struct_size ends in a field that is not known yet.
  private static func grown(_ header: String) throws -> String {
    var count = 0
    let grown = header.replacing(/typedef struct \{\n(?<body>[^}]*(?:struct_size|BELAY_EXT_HEAD)[^}]*)\} (?<name>\w+);/)
    {
      count += 1
      return "typedef struct {\n\($0.output.body)  uint64_t later[2];\n} \($0.output.name);"
    }
    try #require(count == 6 + DriverExtension.allCases.count)
    return grown.replacing("#define BELAY_ABI_MINOR 0", with: "#define BELAY_ABI_MINOR 1")
  }

  private func run(_ program: String, _ arguments: [String]) throws -> String {
    let (process, output, errors) = (Process(), Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && process.terminationReason == .exit, "\(complaint)")
    return text
  }
}
