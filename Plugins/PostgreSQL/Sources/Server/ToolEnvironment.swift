import Glibc

/// A program of PostgreSQL's, and all that it is told.
struct ToolCommand {
  var path: String
  /// Seen by every user of the machine: never a secret.
  var arguments: [String]
  /// NAME=VALUE.
  var environment: [String]

  /// E.g. "pg_dump".
  var name: String { String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]) }
}

/// What a program of PostgreSQL's finds in its environment.
enum ToolEnvironment {
  /// This process's own, without what would contradict the pinned server, or change the language of messages.
  static var plain: [String] {
    var kept: [String] = []
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if !line.hasPrefix("PG"), !line.hasPrefix("LC_"), !line.hasPrefix("LANG"), !line.hasPrefix("PSQL") {
        kept.append(line)
      }
      entry += 1
    }
    return kept + ["LC_ALL=C"]
  }
}
