/// What a SQL file says in its comments of the tool that it is written for: mostly where its way up ends and its way down
/// begins. Run as a whole, such a file undoes or destroys what it makes.
package struct FileMark: Sendable, Equatable {
  package let tool: MigrationTool
  /// The comment, as it stands there.
  package let text: String
  package let line: Int
  /// What follows undoes what stands before.
  package let beginsDown: Bool

  /// The mark that tells most: the one where a way down begins, else the first. nil: plain SQL.
  package init?(in sql: String) {
    var first: FileMark?
    var hasUp = false
    for line in CommentLines(sql) {
      if let mark = Self.mark(line) {
        if mark.beginsDown {
          self = mark
          return
        }
        first = first ?? mark
      } else if let heading = Heading(line.text) {
        if heading == .up { hasUp = true }
        // A way down that is commented out is what many files end with, and does no harm.
        if heading == .down, hasUp || !line.text.contains(" "), Self.hasStatements(in: sql, after: line.number) {
          self.init(tool: .unknown, text: "-- \(line.text)", line: line.number, beginsDown: true)
          return
        }
      }
    }
    first = first ?? Self.evolution(in: sql)
    guard let first else { return nil }
    self = first
  }

  private init(tool: MigrationTool, text: String, line: Int, beginsDown: Bool) {
    self.tool = tool
    self.text = text
    self.line = line
    self.beginsDown = beginsDown
  }

  /// The beginnings of comments that only one tool reads, in small letters.
  private static let beginnings: [(start: String, tool: MigrationTool)] = [
    ("+goose ", .goose), ("migrate:", .dbmate), ("+migrate ", MigrationTool("sql-migrate", command: "sql-migrate up")),
    ("+micrate ", MigrationTool("Micrate", command: "micrate up")), ("rambler ", MigrationTool("Rambler")),
    ("//@undo", MigrationTool("MyBatis Migrations", command: "migrate up")),
    ("// @undo", MigrationTool("MyBatis Migrations", command: "migrate up")),
    ("liquibase formatted sql", .liquibase), ("changeset ", .liquibase),
    ("-- create above / drop below --", MigrationTool("tern", command: "tern migrate")),
  ]

  private static func mark(_ line: CommentLines.Line) -> FileMark? {
    let text = line.text.lowercased()
    guard let found = beginnings.first(where: { text.hasPrefix($0.start) }) else { return nil }
    // A change set is `changeset AUTHOR:ID`, and anything else with that word is prose.
    if found.start == "changeset ", !(text.split(separator: " ").dropFirst().first?.contains(":") ?? false) {
      return nil
    }
    let rest = text.dropFirst(found.start.count).drop(while: \.isWhitespace)
    if found.start == "migrate:", !["up", "down"].contains(where: { rest.hasPrefix($0) }) { return nil }
    if found.start == "rambler ", !["up", "down"].contains(String(rest)) { return nil }
    let beginsDown = rest.hasPrefix("down") || text.contains("@undo") || text.contains("drop below")
    return FileMark(tool: found.tool, text: "-- \(line.text)", line: line.number, beginsDown: beginsDown)
  }

  private static func hasStatements(in sql: String, after line: Int) -> Bool {
    sql.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(line).contains { text in
      let text = text.trimmed
      return !text.isEmpty && !text.hasPrefix("--")
    }
  }

  /// Play's evolutions: `# --- !Ups`, `# --- !Downs`, which is SQL in no dialect but MySQL's.
  private static func evolution(in sql: String) -> FileMark? {
    var first: FileMark?
    for (index, line) in sql.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let text = line.trimmed
      guard text.hasPrefix("#"), let heading = Heading(String(text.drop { $0 == "#" })), text.contains("!") else {
        continue
      }
      let mark = FileMark(
        tool: MigrationTool("Play evolutions"), text: String(text), line: index + 1, beginsDown: heading == .down)
      if mark.beginsDown { return mark }
      first = first ?? mark
    }
    return first
  }
}

/// A comment that is no more than the heading of a part: `Up`, `==== DOWN ====`, `@UNDO`, `Down Migration`, `!Downs`.
private enum Heading: Equatable {
  case up, down

  init?(_ text: String) {
    let words = text.lowercased().split { !$0.isLetter }.map(String.init)
    guard let first = words.first, words.count <= 2, text.count <= 60 else { return nil }
    // A second word only names what the part is of.
    if words.count == 2, !["migration", "migrations", "script", "sql", "section", "part"].contains(words[1]) {
      return nil
    }
    switch first {
    case "up", "ups", "upgrade", "forward", "forwards", "do", "deploy": self = .up
    case "down", "downs", "undo", "revert", "rollback", "downgrade", "backward", "backwards": self = .down
    default: return nil
    }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var text = drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
