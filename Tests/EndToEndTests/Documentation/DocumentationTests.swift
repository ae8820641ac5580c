import Foundation
import Testing

@Suite("What the documentation says to type")
struct DocumentationTests {
  /// The runbooks are run as a whole.
  private static let pages = Page.all.filter { !$0.hasPrefix("docs/runbooks/") }

  @Test("every belay command in a code block is one that belay understands", arguments: pages)
  func commands(page: String) throws {
    let commands = try Page(page).blocks.flatMap(\.commands).filter { Page.program(of: $0) == "belay" }
    if commands.isEmpty { return }
    let shop = try Workspace()
    try shop.write("targets:\n  shop: sqlite:shop.db\nrepositories:\n  offsite: offsite\n", to: "belay.yaml")
    try FileManager.default.createDirectory(
      at: shop.folder.appending(path: "offsite"), withIntermediateDirectories: true)
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try #require(try shop.belay("backup").status == 0)
    for command in commands {
      // Without comments, pipes and redirections.
      guard let typed = command.firstMatch(of: /\bbelay ([^#|>;&]+)/) else { continue }
      // One that runs until it is stopped looks once.
      let once = typed.output.1.hasPrefix("watch ") && !command.contains("--count") ? "--count 1" : ""
      let run = try Program.run(
        "/bin/sh", ["-c", "\"$0\" \(typed.output.1) \(once)", Program.belay().path], in: shop.folder)
      // Usage errors are about what was typed; anything else is about this shop, which is not the page's.
      #expect(run.status != 64, "\(page): \(command)\n\(run)")
    }
  }

  /// Right before a block, `<!-- run by: FILE -->` names a test or a script that types its commands, and `<!-- not run: REASON -->`
  /// says why none does. A file that does not read the page has to type the same programs.
  @Test("every command of another program is run by a test, or marked as one that is not, and why", arguments: Page.all)
  func others(page: String) throws {
    let page = try Page(page)
    for block in page.blocks {
      let others = Set(block.commands.map(Page.program)).subtracting(["belay", "cd"])
      if others.isEmpty { continue }
      let marks = block.marks + Self.tests(ofAll: page.path)
      if marks.contains(where: { $0.wholeMatch(of: /not run: .+/) != nil }) { continue }
      let files = marks.filter { $0.hasPrefix("run by: ") }.map { $0.dropFirst(8) }
      #expect(!files.isEmpty, "\(page.path): nothing says who runs\n\(block.commands.joined(separator: "\n"))")
      let tests = try files.map { try String(contentsOf: Page.root.appending(path: $0), encoding: .utf8) }
      if tests.contains(where: { $0.contains("Page(") }) { continue }
      for program in others {
        #expect(tests.contains { $0.contains(program) }, "\(page.path): \(files) do not run \(program)")
      }
    }
  }

  /// Of pages whose commands one test runs, each of them.
  private static func tests(ofAll page: String) -> [String] {
    if page.hasPrefix("docs/runbooks/") { return ["run by: Tests/EndToEndTests/Documentation/RunbookTests.swift"] }
    // They go with a new driver, and tell its author nothing of tests of belay's.
    if page.hasPrefix("Plugins/Examples/minimal") {
      return ["run by: Tests/EndToEndTests/Scaffold/ScaffoldTests.swift"]
    }
    if page == "Plugins/Examples/faulty/README.md" {
      return ["run by: Tests/DriverContractTests/ConformanceSubject.swift"]
    }
    return []
  }

  private static let decisions =
    (FileManager.default.subpaths(atPath: Page.root.appending(path: "docs/decisions").path) ?? []).map {
      "docs/decisions/" + $0
    }

  @Test("pages link to files that exist", arguments: Page.all + decisions)
  func links(page: String) throws {
    let text = try Page(page).text
    let folder = Page.root.appending(path: page).deletingLastPathComponent()
    for match in text.matches(of: /\]\((?!https?:)([^)#\s]+)/) {
      let file = folder.appending(path: String(match.output.1)).standardizedFileURL
      #expect(FileManager.default.fileExists(atPath: file.path), "\(page) links to \(match.output.1)")
    }
  }
}
