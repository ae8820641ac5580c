import DriverTesting
import Foundation
import Testing

@Suite("The manual pages")
struct ManualTests {
  @Test("there is one for belay and for every command, with nothing to complain of, and it says what the help says")
  func pages() throws {
    let shop = try Workspace()
    let made = try Program.run(
      "\(Compiler.repository)/scripts/manual", [try Program.belay().path, "man"], in: shop.folder,
      environment: ["SOURCE_DATE_EPOCH": "1795000000"])
    try #require(made.status == 0, "\(made)")
    let pages = try FileManager.default.contentsOfDirectory(atPath: shop.folder.appending(path: "man").path).sorted()
    let (commands, groups) = try listed(in: shop, under: [])
    try #require(commands.count > 25 && groups.contains(["driver"]), "\(commands)")
    let ofPage = Dictionary(
      commands.map { ((["belay"] + $0).joined(separator: "-") + ".1", $0) }, uniquingKeysWith: { first, _ in first })
    #expect(pages == ofPage.keys.sorted())

    let paths = pages.map { "man/\($0)" }
    let lint = try Program.run("/usr/bin/env", ["mandoc", "-T", "lint", "-W", "warning"] + paths, in: shop.folder)
    #expect(lint.status == 0 && lint.output.isEmpty && lint.errors.isEmpty, "\(lint)")
    for page in paths {
      let read = try Program.run(
        "/usr/bin/env", ["man", "--warnings", "-l", page], in: shop.folder,
        environment: ["MANWIDTH": "80", "MANROFFOPT": "", "LC_ALL": "C.UTF-8"])
      #expect(read.status == 0 && read.errors.isEmpty, "\(read)")
      let words = read.output.replacing(#/\s+/#, with: " ")
      let command = try #require(ofPage[String(page.dropFirst(4))], "\(page)")
      let help = try shop.belay(command + ["--help"])
      // A page that only lists commands leaves the options to theirs.
      for option in help.output.matches(of: #/ (--[a-z][a-z-]+)/#) where !groups.contains(command) {
        // Hyphens stay ASCII: what a reader copies must work.
        #expect(words.contains(option.1), "\(page): \(option.1)")
      }
      for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"] {
        #expect(read.output.contains("\n\(section)\n"), "\(page): \(section)")
      }
      if help.output.contains("Example") { #expect(read.output.contains("\nEXAMPLES\n"), "\(page)") }
    }
    let main = try String(contentsOf: shop.folder.appending(path: "man/belay.1"), encoding: .ascii)
    #expect(main.contains(".It 40") && main.contains(".Dd November 18, 2026"), "\(main)")
  }

  /// Every command that the help lists, and which of them only list others.
  private func listed(in shop: Workspace, under path: [String]) throws -> (commands: [[String]], groups: [[String]]) {
    let help = try shop.belay(path + ["--help"])
    guard help.output.contains("SUBCOMMANDS:") else { return ([path], []) }
    let lines = help.output.split(separator: "\n").filter { $0.wholeMatch(of: #/\s\s[a-z][a-z-]*\s+[A-Z].*/#) != nil }
    let names = lines.compactMap { $0.split(separator: " ").first.map(String.init) }.filter { $0 != "help" }
    var (commands, groups) = ([path], path.isEmpty ? [] : [path])
    for name in names {
      let below = try listed(in: shop, under: path + [name])
      commands += below.commands
      groups += below.groups
    }
    return (commands, groups)
  }

  @Test("scripts/install installs them, with completions for three shells", .enabled(if: Self.isAsked))
  func installed() throws {
    let shop = try Workspace()
    let run = try Program.run(
      "\(Compiler.repository)/scripts/install", [], in: shop.folder,
      environment: ["PREFIX": shop.folder.appending(path: "prefix").path, "DRIVERS": "sqlite"])
    #expect(run.status == 0, "\(run)")
    for path in [
      "bin/belay", "man/man1/belay-migrate.1", "bash-completion/completions/belay", "zsh/site-functions/_belay",
      "fish/vendor_completions.d/belay.fish",
    ] {
      let place = path.hasPrefix("bin") ? "prefix/\(path)" : "prefix/share/\(path)"
      #expect(FileManager.default.fileExists(atPath: shop.folder.appending(path: place).path), "\(place)")
    }
  }

  /// It makes a release build, which takes minutes.
  private static let isAsked = ProcessInfo.processInfo.environment["BELAY_TEST_INSTALL"] != nil
}
