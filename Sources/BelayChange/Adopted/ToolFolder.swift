import BelayBase
import Foundation
import SystemPackage

/// A folder as migration tools read it.
package struct ToolFolder: Sendable {
  package let path: FilePath
  package let listing: FolderMark.Listing

  package init(reading path: FilePath) throws(BelayError) {
    self.path = path
    listing = try FolderMark.Listing(reading: path)
  }

  /// One that is not there yet.
  init(empty path: FilePath) {
    self.path = path
    listing = FolderMark.Listing(name: path.lastComponent?.string ?? "", files: [], siblings: [])
  }

  package var sqlFiles: [String] { listing.files.filter { $0.hasSuffix(".sql") } }

  package func file(_ name: String) throws(BelayError) -> MigrationFile {
    try MigrationFile(path.pushing(FilePath(name)), name: name)
  }

  /// The first file with a tool's comments, and the comment.
  package func firstMark(of tool: MigrationTool) throws(BelayError) -> String? {
    for name in sqlFiles {
      guard let mark = FileMark(in: try file(name).sql), mark.tool == tool else { continue }
      return "line \(mark.line) of \(name) is `\(mark.text)`"
    }
    return nil
  }

  /// The first comment of any tool's, and where it stands.
  func firstMark() throws(BelayError) -> (tool: MigrationTool, text: String)? {
    for name in sqlFiles {
      if let mark = FileMark(in: try file(name).sql) {
        return (mark.tool, "line \(mark.line) of \(name) is `\(mark.text)`")
      }
    }
    return nil
  }

  /// Every file below the folder, by its path in it, without what is hidden.
  package func allFiles() -> [String] {
    // A folder that cannot be read has been refused before.
    let all = (try? FileManager.default.subpathsOfDirectory(atPath: path.string)) ?? []
    return all.filter { !$0.split(separator: "/").contains { $0.hasPrefix(".") } }.sorted()
  }
}

/// A text by its lines, of which a tool runs some.
package struct FileLines: Sendable {
  /// Without the line feeds; a carriage return before one stays.
  package let lines: [String]

  package init(_ text: String) {
    lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// The lines for which a condition is true, each in its place: the others are empty.
  package func text(where isKept: (Int) -> Bool) -> String {
    lines.indices.map { isKept($0) ? lines[$0] : "" }.joined(separator: "\n")
  }
}
