import BelayBase
import BelayRows
import Crypto
import Foundation

/// `sqitch.plan`: the changes of a project in the order in which they are deployed. Each has an id that is computed from its
/// line and from the id of the one before it, so that no line can be edited behind a deployed one.
///
/// After its sources, version 1.3: `App/Sqitch/Plan.pm`, `App/Sqitch/Plan/{Change,Tag,Depend,Line}.pm`.
struct SqitchPlan {
  static let path = "sqitch.plan"

  struct Tag {
    let id: String
    /// With its `@`.
    let name: String
    let line: Line
  }

  struct Change {
    let id: String
    let name: String
    let line: Line
    /// As they are written, with the change that each means.
    var requires: [(text: String, id: String)] = []
    /// Why belay cannot deploy it; nil: it can.
    var flaw: String?
    var tags: [Tag] = []
  }

  /// What a line says of a change or a tag, beside its name.
  struct Line {
    let moment: String
    let planner: String
    let email: String
    let note: String
  }

  let project: String
  let uri: String?
  private(set) var changes: [Change] = []

  init(_ text: String) throws(BelayError) {
    var pragmas: [String: String] = [:]
    var changes: [Change] = []
    for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let (body, note) = Self.parts(String(raw))
      if body.allSatisfy(\.isWhitespace) { continue }
      if let pragma = body.wholeMatch(of: /\s*%\s*([^\s=]+)\s*(?:=\s*(.+))?/) {
        guard changes.isEmpty else { throw Self.flaw("has a pragma behind a change", index) }
        pragmas[String(pragma.1)] = pragma.2.map(String.init) ?? "1"
        continue
      }
      let form =
        /[ \t]*(@|[+\-])?[ \t]*([^\s:@#\\]+)[ \t]*(?:\[([^\]]+)\][ \t]*)?([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)[ \t]*([^<]+)[ \t]+<([^>]+)>/
      guard let match = body.wholeMatch(of: form), match.1 != "-" else {
        throw Self.flaw("is no change and no tag that belay can read", index)
      }
      guard let project = pragmas["project"] else { throw Self.flaw("comes before the name of the project", index) }
      let head = ["project \(project)"] + (pragmas["uri"].map { ["uri \($0)"] } ?? [])
      let line = Line(moment: String(match.4), planner: String(match.5), email: String(match.6), note: note)
      let name = String(match.2)
      if match.1 == "@" {
        guard let last = changes.last else { throw Self.flaw("is a tag of no change", index) }
        let id = Self.id("tag", head + ["tag @\(name)", "change \(last.id)"], line, [])
        changes[changes.count - 1].tags.append(Tag(id: id, name: "@\(name)", line: line))
      } else {
        changes.append(
          try Self.change(name, line, match.3?.split(whereSeparator: \.isWhitespace) ?? [], head, changes, index))
      }
    }
    guard let project = pragmas["project"] else {
      throw BelayError(
        .refused, "\(Self.path) does not name its project", hint: "it needs a line such as %project=shop",
        state: "the database is untouched")
    }
    self.project = project
    uri = pragmas["uri"]
    self.changes = changes
    if let uri, uri.wholeMatch(of: /[a-z]+:\/\/[a-z0-9.\-]+\/[A-Za-z0-9._~\/\-]*/) == nil {
      throw BelayError(
        .refused, "\(Self.path) has the URI \(uri), of which belay does not know how Sqitch writes it in the ids",
        hint: MigrationTool.sqitch.advice, state: "the database is untouched")
    }
  }

  /// What stands before the first `#`, and the note behind it.
  private static func parts(_ raw: String) -> (body: String, note: String) {
    let line = raw.hasSuffix("\r") ? String(raw.dropLast()) : raw
    guard let mark = line.firstIndex(of: "#") else { return (line.trimmed, "") }
    let note = String(line[line.index(after: mark)...]).trimmed
    let plain = note.replacing(/\\([\\nr])/) { match in
      match.1 == "n" ? "\n" : match.1 == "r" ? "\r" : "\\"
    }
    return (String(line[..<mark]).trimmed, plain)
  }

  private static func change(
    _ name: String, _ line: Line, _ dependencies: [Substring], _ head: [String], _ before: [Change], _ index: Int
  ) throws(BelayError) -> Change {
    var requires: [(text: String, id: String)] = []
    var conflicts: [String] = []
    var flaw: String?
    for dependency in dependencies.map(String.init) {
      if dependency.hasPrefix("!") {
        conflicts.append(String(dependency.dropFirst()))
        flaw = "must not be deployed beside \(dependency.dropFirst()), which belay does not look for"
      } else if let id = before.sqitchID(of: dependency) {
        requires.append((dependency, id))
      } else if dependency.contains(":") || dependency.wholeMatch(of: /[0-9a-f]{40}/) != nil {
        requires.append((dependency, ""))
        flaw = "requires \(dependency), which belay does not look for"
      } else {
        throw Self.flaw("requires \(dependency), which no line before it makes", index)
      }
    }
    let parent = before.last.map { ["parent \($0.id)"] } ?? []
    let wants =
      (requires.isEmpty ? [] : ["requires\n  + " + requires.map(\.text).joined(separator: "\n  + ")])
      + (conflicts.isEmpty ? [] : ["conflicts\n  - " + conflicts.joined(separator: "\n  - ")])
    let id = Self.id("change", head + ["change \(name)"] + parent, line, wants)
    return Change(id: id, name: name, line: line, requires: requires, flaw: flaw)
  }

  private static func id(_ kind: String, _ head: [String], _ line: Line, _ wants: [String]) -> String {
    let who = ["planner \(line.planner) <\(line.email)>", "date \(line.moment)"]
    let info = (head + who + wants + (line.note.isEmpty ? [] : ["", line.note])).joined(separator: "\n")
    let bytes = Array(info.utf8)
    return sha1(Array("\(kind) \(bytes.count)\0".utf8) + bytes)
  }

  static func sha1(_ bytes: [UInt8]) -> String { Hex.text(Insecure.SHA1.hash(data: bytes)) }

  private static func flaw(_ what: String, _ index: Int) -> BelayError {
    BelayError(
      .refused, "line \(index + 1) of \(path) \(what)", hint: "correct it, and look with `sqitch plan`",
      state: "the database is untouched")
  }

  /// The script of a change, by its path below `deploy` or `revert`. One that was reworked has the name of a tag of the time
  /// in its own.
  func script(of index: Int, in folder: String, exists: (String) -> Bool) -> String {
    let name = changes[index].name
    guard let rework = changes[(index + 1)...].firstIndex(where: { $0.name == name }) else {
      return "\(folder)/\(name).sql"
    }
    let tags = changes[(index + 1)..<rework].reversed().flatMap(\.tags) + changes[index].tags
    let names = tags.map { "\(folder)/\(name)\($0.name).sql" }
    return names.first(where: exists) ?? names.first ?? "\(folder)/\(name).sql"
  }
}

extension [SqitchPlan.Change] {
  /// Of `users`, `users@v1` or `@v1`, as of the end of these; nil: there is none.
  fileprivate func sqitchID(of dependency: String) -> String? {
    let parts = dependency.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { return nil }
    let tagged = parts.count == 2 ? lastIndex { $0.tags.contains { $0.name == "@\(parts[1])" } } : endIndex - 1
    guard let tagged, !isEmpty else { return nil }
    if parts[0].isEmpty { return self[tagged].id }
    return self[...tagged].last { $0.name == parts[0] }?.id
  }
}
