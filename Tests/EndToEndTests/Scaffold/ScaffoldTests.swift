import DriverTesting
import Foundation
import Testing

@Suite("belay driver new")
struct ScaffoldTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func new(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(Program.belay().path, ["driver", "new"] + arguments, in: URL(filePath: folder.path))
  }

  @Test(
    "what it writes is the example, under the new name",
    arguments: [("c", "minimal"), ("rust", "minimal-rust"), ("swift", "minimal-swift")])
  func examples(language: String, example: String) throws {
    let run = try new("word-book", "--lang", language)
    #expect(run.status == 0, "\(run)")
    #expect(run.output == folder("belay-driver-word-book") + "\n")
    let source = Compiler.repository + "/Plugins/Examples/\(example)/"
    for file in try sources(in: source) {
      let written = folder("belay-driver-word-book/" + file.replacing(example, with: "word-book"))
      let text = try String(contentsOfFile: written, encoding: .utf8)
      #expect(!text.contains("minimal"), "\(file)")
      // Equal but for the name and for where belay's sources lie.
      let original = try String(contentsOfFile: source + file, encoding: .utf8)
      #expect(text.split(separator: "\n").count == original.split(separator: "\n").count, "\(file)")
      if file.hasSuffix(".c") || file.hasSuffix(".h") || file.hasPrefix("Sources/") || file.hasPrefix("src/") {
        #expect(text == original.replacing(example, with: "word-book"), "\(file)")
      }
    }
  }

  /// What git keeps of an example.
  private func sources(in folder: String) throws -> [String] {
    let all = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
      !path.hasPrefix(".build") && !path.hasPrefix("target") && !path.hasSuffix(".so")
        && !["Package.resolved", "Cargo.lock"].contains(path)
    }
    return all.filter { path in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: folder + path, isDirectory: &isFolder) && !isFolder.boolValue
    }
  }

  @Test("the header that it writes is the ABI's, and its folder can be trusted")
  func header() throws {
    #expect(try new("wordbook").status == 0)
    let written = try Data(contentsOf: URL(filePath: folder("belay-driver-wordbook/abi/include/belay_driver.h")))
    let header = Compiler.repository + "/Sources/CBelayDriver/include/belay_driver.h"
    #expect(try written == Data(contentsOf: URL(filePath: header)))
    let mode = try FileManager.default.attributesOfItem(atPath: folder("belay-driver-wordbook"))[.posixPermissions]
    #expect(mode as? Int == 0o755)
  }

  @Test(
    "an odd name is refused, and nothing is written",
    arguments: ["", "x", "Word", "9book", "word_book", "word book", "-x", "word-", "a--b", "../up", "naïve", "book;rm"])
  func oddName(name: String) throws {
    let run = try new("--", name)
    #expect(run.status == 64, "\(run)")
    #expect(run.errors.contains("is not a valid name for a driver"), "\(run)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { $0.hasPrefix(".") })
  }

  @Test("a folder that is there is left as it is")
  func existing() throws {
    try folder.file("belay-driver-wordbook/mine.txt", "mine")
    let run = try new("wordbook")
    #expect(run.status == 1)
    #expect(run.errors.contains("belay-driver-wordbook already exists"), "\(run)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder("belay-driver-wordbook")) == ["mine.txt"])
  }

  @Test("a kit that is missing or not needed is reported, and so is a language without a scaffold")
  func wrongOptions() throws {
    let noKit = try new("wordbook", "--lang", "swift", "--kit", folder.path)
    #expect(noKit.status == 10 && noKit.errors.contains("does not contain belay's sources"), "\(noKit)")
    let needless = try new("wordbook", "--kit", folder.path)
    #expect(needless.status == 64 && needless.errors.contains("needs no kit"), "\(needless)")
    #expect(try new("wordbook", "--lang", "cobol").status == 64)
  }

  @Test("the driver in Swift is built by its one command, exports one symbol, passes and backs up")
  func swiftDriver() throws {
    #expect(try new("wordbook", "--lang", "swift", "--kit", Compiler.repository).status == 0)
    // A debug build, beside whatever else this machine builds: what counts is that it builds.
    try Compiler.run("make", ["-s", "-C", folder("belay-driver-wordbook"), "CONFIGURATION=debug"])
    try expectWorking()
  }

  @Test("the driver in Rust is built without a warning, its layout is C's, and it passes and backs up")
  func rustDriver() throws {
    #expect(try new("wordbook", "--lang", "rust").status == 0)
    let project = URL(filePath: folder("belay-driver-wordbook"))
    for command in [["make", "-s"], ["cargo", "test", "--offline", "--target-dir", "target"]] {
      let run = try Program.run("/usr/bin/env", command, in: project)
      #expect(run.status == 0 && !(run.output + run.errors).contains("warning"), "\(run)")
    }
    try expectWorking()
  }

  /// The driver as it was built: its symbols, the rules, a backup and what is restored from it.
  private func expectWorking(location: SourceLocation = #_sourceLocation) throws {
    let project = folder("belay-driver-wordbook")
    let symbols = try Program.run(
      "/usr/bin/env", ["nm", "-D", "--defined-only", "-g", "-j", project + "/belay-driver-wordbook.so"],
      in: URL(filePath: project))
    #expect(symbols.output == "belay_driver_v1\n", sourceLocation: location)
    let rules = try Program.run(
      Program.belay().path,
      [
        "driver", "test", "belay-driver-wordbook.so", "--url", "wordbook:\(project)/test-{}.sql", "--specimen",
        "specimen.yaml",
      ], in: URL(filePath: project))
    #expect(rules.status == 0, "\(rules)", sourceLocation: location)
    try Compiler.run("touch", ["\(project)/words.sql"])
    let empty = try Program.run(
      Program.belay().path, ["backup", "--driver-path", project, "wordbook:words.sql"], in: URL(filePath: project))
    #expect(empty.status == 0, "\(empty)", sourceLocation: location)
    try folder.file(
      "belay-driver-wordbook/words.sql", "INSERT INTO entry (key, value) VALUES ('é', 'it''s'), ('n', NULL);\n")
    let run = try Program.run(
      Program.belay().path, ["backup", "--driver-path", project, "wordbook:words.sql"], in: URL(filePath: project))
    #expect(run.status == 0, "\(run)", sourceLocation: location)
    let copy = try Program.run(
      Program.belay().path,
      ["restore", "latest", "--driver-path", project, "--into", "wordbook:copy.sql", "--yes"],
      in: URL(filePath: project))
    #expect(copy.status == 0, "\(copy)", sourceLocation: location)
    #expect(
      try String(contentsOfFile: project + "/copy.sql", encoding: .utf8)
        == "INSERT INTO entry (key, value) VALUES ('é', 'it''s');\nINSERT INTO entry (key, value) VALUES ('n', NULL);\n",
      sourceLocation: location)
  }
}
