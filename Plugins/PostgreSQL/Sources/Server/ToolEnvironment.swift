import Glibc

/// A program of PostgreSQL's with its arguments and environment.
struct ToolCommand {
  var path: String
  /// Every user of the machine can see these: they must not contain a secret.
  var arguments: [String]
  /// NAME=VALUE.
  var environment: [String]

  /// E.g. "pg_dump".
  var name: String { String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]) }
}

/// The environment of a program of PostgreSQL's.
enum ToolEnvironment {
  /// This process's environment, without variables that would conflict with the pinned server or change the language of
  /// messages.
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
