import DriverTesting
import Foundation
import Testing

/// What holds the record that a driver built for 1.0 loads in every 1.x.
@Suite("The guard of the ABI")
struct GuardTests {
  private static let root = Compiler.repository
  private static let header = root + "/Sources/CBelayDriver/include/belay_driver.h"
  private static let layout = root + "/Sources/CBelayDriver/layout.c"
  private static let frozen = root + "/Tests/CBelayDriverTests/Frozen/1.0"

  @Test("everything that 1.0 had is in today's header, where it was")
  func nothingMoved() throws {
    try Compiler.run("python3", [Self.root + "/scripts/abi", "compare", Self.frozen + "/belay_driver.h", Self.header])
    // By the compiler too: the lines that held the layout of 1.0, with sizes that may have grown.
    try Compiler.run(
      "cc", ["-std=c11", "-fsyntax-only", "-I\(Self.root)/Sources/CBelayDriver/include", Self.frozen + "/layout.c"])
  }

  @Test("every constant, size and field of the header has its line in layout.c")
  func everythingIsFrozen() throws {
    try Compiler.run("python3", [Self.root + "/scripts/abi", "layout"])
  }

  @Test("a field without its line is reported")
  func aLineIsMissing() throws {
    let folder = try TemporaryFolder()
    let layout = try String(contentsOfFile: Self.layout, encoding: .utf8)
    for line in ["VALUE(BELAY_E_IO, 6);", "SIZE(belay_cell, 24);", "FIELD(belay_lock, acquire, 16);"] {
      try #require(layout.contains(line))
      let file = try folder.file("layout.c", layout.replacingOccurrences(of: line, with: ""))
      #expect(throws: Compiler.Failure.self) {
        try Compiler.run("python3", [Self.root + "/scripts/abi", "layout", Self.header, file])
      }
    }
  }

  struct Change: Sendable, CustomTestStringConvertible {
    let what: String
    let before: String
    let after: String
    var testDescription: String { what }
    init(_ what: String, _ before: String, _ after: String) {
      self.what = what
      self.before = before
      self.after = after
    }
  }

  @Test(
    "a change that old drivers would not understand is told",
    arguments: [
      Change("a constant renumbered", "BELAY_E_IO = 6,", "BELAY_E_IO = 66,"),
      Change("a constant gone", "BELAY_PARTIAL = 3,", ""),
      Change("fields swapped", "txn_commit, txn_rollback;", "txn_rollback, txn_commit;"),
      Change("a field in the middle", "belay_str identity; ", "belay_str region, identity; "),
      Change("a function gone", "void (*close)(belay_conn *conn);", ""),
      Change(
        "a function of another type", "int32_t (*cancelled)(belay_op *op);", "int64_t (*cancelled)(belay_op *op);"),
      Change("a parameter more", "(*interrupt)(belay_conn *conn)", "(*interrupt)(belay_conn *conn, belay_op *op)"),
      Change("an array's element grown", "belay_batch;", "belay_batch_;"),
      Change("an element with a field more", "const belay_cell *cells; uint64_t nrows;", "const belay_cell *cells;"),
      Change("an extension's head", "uint32_t struct_size, reserved;   ", "uint64_t struct_size;"),
      Change("another major version", "BELAY_ABI_MAJOR 1", "BELAY_ABI_MAJOR 2"),
      Change(
        "the entry", "*belay_driver_v1(const belay_host *host)", "*belay_driver_v1(const belay_host *host, int n)"),
    ])
  func toldChange(change: Change) throws {
    #expect(throws: Compiler.Failure.self) { try compare(with: change) }
  }

  @Test(
    "growth at the end is no change",
    arguments: [
      Change("a field of the traits", "\n} belay_traits;", "\n  uint64_t more;\n} belay_traits;"),
      Change("a function of the host", "\n} belay_host;", "\n  void (*more)(void);\n} belay_host;"),
      Change("a function of an extension", "\n} belay_lock;", "\n  void (*more)(void);\n} belay_lock;"),
      Change("a constant", "BELAY_E_INTERNAL = 13 ", "BELAY_E_INTERNAL = 13, BELAY_E_MORE = 14 "),
      Change("a comment", "is as it was", "is still as it was"),
    ])
  func growth(change: Change) throws { try compare(with: change) }

  private func compare(with change: Change) throws {
    let folder = try TemporaryFolder()
    let header = try String(contentsOfFile: Self.header, encoding: .utf8)
    try #require(header.contains(change.before))
    let changed = try folder.file(
      "belay_driver.h", header.replacingOccurrences(of: change.before, with: change.after))
    try Compiler.run("python3", [Self.root + "/scripts/abi", "compare", Self.header, changed])
  }
}
