import BelayBase
import Foundation
import SystemPackage

/// `meta/_journal.json`, in which drizzle-kit 0.x lists its migrations.
struct DrizzleJournal: Codable, Equatable {
  struct Entry: Codable, Equatable {
    var idx: Int
    /// Of the snapshot's form.
    var version: String
    /// Milliseconds since 1970: what the ledger knows the migration by.
    var when: Int64
    /// The file's name without its ending.
    var tag: String
    var breakpoints: Bool
  }

  static let path = "meta/_journal.json"

  var version: String
  var dialect: String
  var entries: [Entry]

  init(version: String, dialect: String, entries: [Entry]) {
    self.version = version
    self.dialect = dialect
    self.entries = entries
  }

  init(_ folder: ToolFolder) throws(BelayError) {
    let text = try folder.file(Self.path).sql
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
    } catch {
      throw BelayError(
        .refused, "\(folder.path.string)/\(Self.path) is no journal of drizzle-kit's",
        hint: "get it back from version control, or let `belay journal drizzle` write it anew",
        state: "the database is untouched", causes: ["\(error)".split(separator: "\n").first.map(String.init) ?? ""])
    }
  }

  /// As drizzle-kit writes it.
  var text: String {
    let shown = entries.map { entry in
      """
          {
            "idx": \(entry.idx),
            "version": \(Self.quoted(entry.version)),
            "when": \(entry.when),
            "tag": \(Self.quoted(entry.tag)),
            "breakpoints": \(entry.breakpoints)
          }
      """
    }
    return """
      {
        "version": \(Self.quoted(version)),
        "dialect": \(Self.quoted(dialect)),
        "entries": [\(shown.isEmpty ? "" : "\n" + shown.joined(separator: ",\n") + "\n  ")]
      }
      """
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "\"\(escaped)\""
  }
}
