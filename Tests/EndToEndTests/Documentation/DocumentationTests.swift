import Foundation
import Testing

@Suite("What the documentation says to type")
struct DocumentationTests {
  private static let pages = [
    "README.md", "Plugins/SQLite/README.md", "docs/cli.md", "docs/configuration.md", "docs/exit-codes.md",
    "docs/migrations.md", "docs/conventions.md", "docs/guard.md", "docs/recovery.md", "docs/drivers.md",
    "docs/driver-guide.md",
    "docs/security.md", "docs/keeping-backups.md", "docs/encryption.md", "docs/object-storage.md",
    "docs/continuous-integration.md", "docs/installing.md", "CONTRIBUTING.md",
  ]

  @Test("every belay command in a code block is one that belay understands", arguments: pages)
  func commands(page: String) throws {
    let shop = try Workspace()
    try shop.write("targets:\n  shop: sqlite:shop.db\nrepositories:\n  offsite: offsite\n", to: "belay.yaml")
    try FileManager.default.createDirectory(
      at: shop.folder.appending(path: "offsite"), withIntermediateDirectories: true)
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try #require(try shop.belay("backup").status == 0)
    for command in try Self.commands(in: page) {
      let run = try Program.run("/bin/sh", ["-c", "\"$0\" " + command, Program.belay().path], in: shop.folder)
      // Usage errors are about what was typed; anything else is about this shop, which is not the page's.
      #expect(run.status != 64, "\(page): belay \(command)\n\(run)")
    }
  }

  /// Pages with nothing to type on any machine.
  private static let otherPages =
    [
      "Plugins/PostgreSQL/README.md", "docs/architecture.md", "docs/archive-format.md", "docs/dependencies.md",
      "docs/conformance.md", "docs/checks.md", "docs/contract.md", "docs/hooks.md", "docs/reports.md",
      "docs/README.md", "docs/faq.md", "SECURITY.md", "docs/benchmarks-waits.md",
    ]
    + decisions + runbooks
  private static let runbooks =
    (FileManager.default.subpaths(atPath: root.appending(path: "docs/runbooks").path) ?? []).map {
      "docs/runbooks/" + $0
    }
  private static let decisions =
    (FileManager.default.subpaths(atPath: root.appending(path: "docs/decisions").path) ?? []).map {
      "docs/decisions/" + $0
    }

  @Test("pages link to files that exist", arguments: pages + otherPages)
  func links(page: String) throws {
    let text = try String(contentsOf: Self.root.appending(path: page), encoding: .utf8)
    let folder = Self.root.appending(path: page).deletingLastPathComponent()
    for match in text.matches(of: /\]\((?!https?:)([^)#\s]+)/) {
      let file = folder.appending(path: String(match.output.1)).standardizedFileURL
      #expect(FileManager.default.fileExists(atPath: file.path), "\(page) links to \(match.output.1)")
    }
  }

  private static var root: URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardizedFileURL
  }

  /// The arguments of every line that calls belay, without comments, pipes and redirections.
  private static func commands(in page: String) throws -> [String] {
    let text = try String(contentsOf: root.appending(path: page), encoding: .utf8)
    var commands: [String] = []
    var isCode = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isCode.toggle()
        continue
      }
      let indented = line.hasPrefix("    ")
      guard isCode || indented, let match = line.firstMatch(of: /^\s*(?:\$ )?belay ([^─►#|>;&]+)/) else { continue }
      let arguments = match.output.1.trimmingCharacters(in: .whitespaces)
      if !arguments.isEmpty { commands.append(arguments) }
    }
    return commands
  }
}
