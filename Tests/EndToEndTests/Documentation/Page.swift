import DriverTesting
import Foundation

/// A page of the documentation, as its blocks of code.
struct Page {
  struct Block {
    /// What its fence says, such as `console` or `sh`; empty where it says nothing, or where the block is indented instead.
    let language: String
    /// The comments right before it, which a reader does not see.
    var marks: [String]
    var lines: [String] = []

    /// Whether it is for that engine: a block that no engine's name is right before is for each.
    func isMeant(for engine: String, of engines: [String]) -> Bool {
      marks.contains(engine) || engines.allSatisfy { !marks.contains($0) }
    }

    /// What it says to type, with lines that end in a backslash joined.
    var commands: [String] {
      var commands: [String] = []
      var isContinued = false
      for line in lines {
        let typed: String? =
          if isContinued {
            line
          } else if language == "console" {
            line.hasPrefix("$ ") ? String(line.dropFirst(2)) : nil
          } else if language == "sh" || (language.isEmpty && Page.programs.contains(Page.program(of: line))) {
            line.isEmpty || line.hasPrefix("#") ? nil : line
          } else {
            nil
          }
        guard let typed else { continue }
        if isContinued, let last = commands.popLast() {
          commands.append(last.dropLast() + typed.trimmingCharacters(in: .whitespaces))
        } else {
          commands.append(typed)
        }
        isContinued = typed.hasSuffix("\\")
      }
      return commands
    }
  }

  let path: String
  let text: String
  let blocks: [Block]

  /// - Parameter path: from the top of the repository.
  init(_ path: String) throws {
    self.path = path
    text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    blocks = Self.blocks(in: text)
  }

  static let root = URL(filePath: Compiler.repository)

  /// Every page for a reader, but for the decisions, which tell what was so on a day.
  static let all: [String] = {
    let top = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    func pages(in folder: String) -> [String] {
      (FileManager.default.subpaths(atPath: root.appending(path: folder).path) ?? []).map { "\(folder)/\($0)" }
    }
    let all = top + pages(in: "docs") + pages(in: "Plugins").filter { $0.hasSuffix("/README.md") }
    return all.filter { $0.hasSuffix(".md") && !$0.contains("/decisions/") && !$0.contains("/.build/") }.sorted()
  }()

  private static func blocks(in text: String) -> [Block] {
    var blocks: [Block] = []
    var open: Block?
    var marks: [String] = []
    var isList = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("```") {
        if let block = open, block.language != indented {
          blocks.append(block)
          open = nil
        } else {
          if let block = open { blocks.append(block) }
          open = Block(language: String(line.dropFirst(3)), marks: marks)
        }
        marks = []
        continue
      }
      if open != nil, open?.language != indented {
        open?.lines.append(line)
        continue
      }
      // What is indented below a point of a list is its text.
      if line.hasPrefix("    "), !isList {
        if open == nil { open = Block(language: indented, marks: marks) }
        open?.lines.append(String(line.dropFirst(4)))
        marks = []
      } else if let comment = line.wholeMatch(of: /<!-- (.*) -->/) {
        marks.append(String(comment.output.1))
      } else if !line.isEmpty {
        if let block = open { blocks.append(block) }
        (open, marks) = (nil, [])
        isList = line.hasPrefix("* ") || line.hasPrefix("- ") || (isList && line.hasPrefix(" "))
      }
    }
    if let block = open { blocks.append(block) }
    return blocks.map { Block(language: $0.language == indented ? "" : $0.language, marks: $0.marks, lines: $0.lines) }
  }

  private static let indented = "indented"

  /// Of a line of shell: its first program, without what is set for it alone.
  static func program(of line: String) -> String {
    let words = line.split(separator: " ")
    let rest = words.drop { $0.contains(/^[A-Z_]+=/) || ["sudo", "time", "exec"].contains($0) }
    return rest.first.map(String.init) ?? ""
  }

  /// By these a line of a block without a language is known as one to type.
  private static let programs: Set<String> = [
    "belay", "make", "tar", "mkdir", "zstd", "sha256sum", "sqlite3", "psql", "createdb", "pg_restore", "age", "export",
    "for", "touch", "scripts/needs", "ssh-keygen", "cat", "swift", "head",
  ]
}
