import BelayArchive
import Foundation
import SystemPackage
import Testing

@Suite("docs/archive-format.md")
struct DocumentedScriptTests {
  static var hasPython: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") }

  @Test("its script computes a table's digest from the CSV", .enabled(if: hasPython), arguments: [1, 2, 3])
  func script(_ seed: UInt64) throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../docs/archive-format.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let script = try #require(text.split(separator: "```python\n").last?.split(separator: "\n```\n").first)
    let folder = try TemporaryFolder()
    try write(Array(script.utf8), to: folder.path.appending("digest.py"))

    var generator = Generator(seed: seed)
    let rows = (0..<200).map { _ in [generator.cell(), generator.cell(), generator.cell()] }
    try write(encoded(CSVEncoder(), columns: ["a", "b,\"c", "d"], [rows]), to: folder.path.appending("t.csv"))
    var digest = TableDigest()
    withBatch(rows) { digest.add($0) }
    let printed = try Tool.run("/usr/bin/python3", "digest.py", "t.csv", in: folder.path)
    #expect(printed.text == "200 \(digest.hex)\n")
  }
}
