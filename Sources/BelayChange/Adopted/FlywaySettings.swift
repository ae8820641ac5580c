import BelayBase

/// What `V1__x.sql.conf` says of the file beside it.
struct FlywaySettings {
  var isTransactional = true
  var replacesPlaceholders = true

  init() {}

  init(_ conf: MigrationFile) throws(BelayError) {
    for (index, line) in FileLines(conf.sql).lines.enumerated() {
      let text = line.trimmed
      guard !text.isEmpty, !text.hasPrefix("#") else { continue }
      let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
      guard let key = pair.first, pair.count == 2 else { throw Self.flaw(conf, text, index) }
      switch (key, pair[1].lowercased()) {
      case ("executeInTransaction", let value): isTransactional = value != "false"
      case ("placeholderReplacement", let value): replacesPlaceholders = value != "false"
      case ("encoding", "utf-8"): break
      default: throw Self.flaw(conf, text, index)
      }
    }
  }

  private static func flaw(_ conf: MigrationFile, _ text: String, _ index: Int) -> BelayError {
    BelayError(
      .refused, "line \(index + 1) of \(conf.name) is `\(text)`, which belay cannot follow",
      hint: "belay knows executeInTransaction and placeholderReplacement; apply it with `flyway migrate`",
      state: "the database is untouched")
  }
}
