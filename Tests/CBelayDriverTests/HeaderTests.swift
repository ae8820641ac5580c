import DriverTesting
import Foundation
import Testing

/// What a driver's author compiles must compile anywhere, and mean the same for ever.
struct HeaderTests {
  private static let sources = Compiler.repository + "/Sources/CBelayDriver"

  struct Dialect: Sendable, CustomTestStringConvertible {
    var compiler: String
    var standard: String
    var language: String
    var testDescription: String { "\(compiler) \(standard)" }
  }

  @Test(
    "the header compiles without a warning",
    arguments: [
      Dialect(compiler: "cc", standard: "c11", language: "c"),
      Dialect(compiler: "clang", standard: "c11", language: "c"),
      Dialect(compiler: "c++", standard: "c++17", language: "c++"),
      Dialect(compiler: "clang++", standard: "c++17", language: "c++"),
    ])
  func headerCompiles(_ dialect: Dialect) throws {
    try compile(Self.sources + "/include/belay_driver.h", dialect, include: Self.sources + "/include")
  }

  @Test("every size, offset and constant is where it was")
  func layoutIsFrozen() throws {
    try compile(Self.sources + "/layout.c", .c, include: Self.sources + "/include")
  }

  @Test(
    "a change to the layout does not compile",
    arguments: [
      ("uint32_t type, reserved;", "uint32_t reserved, type;"),
      ("BELAY_E_IO = 6,", "BELAY_E_IO = 66,"),
      ("belay_str txn_commit, txn_rollback;", "belay_str txn_rollback, txn_commit;"),
      ("void (*close)(belay_conn *conn);", ""),
    ])
  func changeIsSeen(_ before: String, _ after: String) throws {
    let folder = try TemporaryFolder()
    let header = try String(contentsOfFile: Self.sources + "/include/belay_driver.h", encoding: .utf8)
    try #require(header.contains(before))
    try folder.file("belay_driver.h", header.replacingOccurrences(of: before, with: after))
    let layout = try folder.copy(Self.sources + "/layout.c", to: "layout.c", mode: 0o644)
    #expect(throws: Compiler.Failure.self) { try compile(layout, .c, include: folder.path) }
  }

  private func compile(_ file: String, _ dialect: Dialect, include: String) throws {
    try Compiler.run(
      dialect.compiler,
      [
        "-x", dialect.language, "-std=\(dialect.standard)", "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
        "-I\(include)", file,
      ])
  }
}

extension HeaderTests.Dialect {
  fileprivate static let c = HeaderTests.Dialect(compiler: "cc", standard: "c11", language: "c")
}
