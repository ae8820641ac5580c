import DriverTesting
import Foundation
import Testing

@Suite("The guide for authors of drivers")
struct DriverGuideTests {
  private static let page = Compiler.repository + "/docs/driver-guide.md"
  private static let header = Compiler.repository + "/Sources/CBelayDriver/include/belay_driver.h"

  @Test("what it says to type leads from nothing to a driver that passes and is used")
  func commands() throws {
    let file = "Tests/EndToEndTests/Documentation/DriverGuideTests.swift"
    let lines = try Page("docs/driver-guide.md").blocks.filter { $0.marks.contains("run by: \(file)") }
      .flatMap(\.commands)
    try #require(lines.contains("make test"))
    let folder = try TemporaryFolder()
    let belay = try Program.belay().deletingLastPathComponent().path
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let run = try Program.run(
      "/bin/sh", ["-ec", lines.joined(separator: "\n")], in: URL(filePath: folder.path),
      environment: ["PATH": "\(belay):\(path)"])
    #expect(run.status == 0, "\(run)")
  }

  @Test("its reference is what the header says, and so is the header for Rust", arguments: ["guide", "rust"])
  func reference(file: String) throws {
    try Compiler.run("python3", [Compiler.repository + "/scripts/abi", file, "--check"])
  }

  @Test("it names every struct, function and constant of the header")
  func everythingIsNamed() throws {
    let guide = try String(contentsOfFile: Self.page, encoding: .utf8)
    let header = try String(contentsOfFile: Self.header, encoding: .utf8)
      .replacing(/\/\*(?:.|\n)*?\*\//, with: "")
    var names = Set(header.matches(of: /\} (belay_\w+);|typedef struct \w+ (\w+);/).map { String($0.1 ?? $0.2 ?? "") })
    names.formUnion(header.matches(of: /\(\*(\w+)\)/).map { String($0.1) })
    names.formUnion(header.matches(of: /(BELAY_\w+)\s=/).map { String($0.1) })
    try #require(names.isSuperset(of: ["belay_cell", "belay_op", "open", "promote", "BELAY_E_BUSY", "BELAY_T_SWAPS"]))
    for name in names.sorted() { #expect(guide.contains("`\(name)`"), "\(name)") }
  }
}
