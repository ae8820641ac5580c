import BelayArchive

/// A name with `*` for any text and `?` for one character, as a person types it.
struct NamePattern {
  private let pattern: [Character]

  init(_ text: String) { pattern = Array(text) }

  /// Large and small letters differ.
  func matches(_ name: String) -> Bool {
    let name = Array(name)
    // Where the last `*` stands, and how much of the name it has taken: the only place to go back to.
    var star: (pattern: Int, name: Int)?
    var (p, n) = (0, 0)
    while n < name.count {
      if p < pattern.count, pattern[p] == "*" {
        star = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == name[n] {
        p += 1
        n += 1
      } else if let back = star {
        p = back.pattern + 1
        n = back.name + 1
        star = (back.pattern, n)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}

/// `[SCHEMA.]TABLE` as a person types it, each part a pattern, or quoted as in SQL and then taken as it is.
struct TablePattern {
  private let typed: String
  private let whole: NamePattern
  /// Without quotes: the table, or the schema and the table; else empty.
  private let parts: [NamePattern]
  /// A quoted name may hold a `*` of its own.
  private let quoted: [String]

  init(_ typed: String) {
    self.typed = typed
    whole = NamePattern(typed)
    let isQuoted = typed.contains("\"") || typed.contains("`")
    quoted = isQuoted ? DatabaseState.unquoted(typed) : []
    let dot = typed.firstIndex(of: ".")
    parts =
      if isQuoted { [] } else if let dot {
        [NamePattern(String(typed[..<dot])), NamePattern(String(typed[typed.index(after: dot)...]))]
      } else { [NamePattern(typed)] }
  }

  /// Without a schema in the pattern, the table's may be any. A name that has a dot in it is matched by the whole pattern.
  func matches(_ table: TableName) -> Bool {
    if !quoted.isEmpty { return quoted == [table.name] || quoted == [table.schema, table.name] }
    if whole.matches(table.name) { return true }
    return parts.count == 2 && !table.schema.isEmpty && parts[0].matches(table.schema) && parts[1].matches(table.name)
  }
}
