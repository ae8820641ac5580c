/// Whether a file's name says that the file undoes a migration.
///
/// `0007_posts.down.sql` says so by itself. `0007_down_posts.sql` and `0007_posts_down.sql` do beside the migration that
/// they undo, `0007_posts.sql`; alone they may be anything, such as a migration that adds a down payment.
struct DownName {
  /// Any of these beside it proves it; empty: the name alone does.
  let counterparts: [String]
  /// Without a counterpart it is a migration like others: the word is more often used for something else.
  let isWeak: Bool

  init?(_ name: String) {
    guard name.lowercased().hasSuffix(".sql") else { return nil }
    let stem = String(name.dropLast(4))
    if let match = stem.wholeMatch(of: /(?i)(.+)\.(?:down|undo|revert|rollback)/), !match.1.isEmpty {
      (counterparts, isWeak) = ([], false)
    } else if let match = stem.wholeMatch(of: /(?i)([0-9]+)([_-])(down|undo|revert|rollback)([_-])(.+)/) {
      let (number, first, last, rest) = (match.1, match.2, match.4, match.5)
      counterparts = ["\(number)\(first)\(rest).sql", "\(number)\(first)up\(last)\(rest).sql"]
      isWeak = match.3.lowercased() != "down"
    } else if let match = stem.wholeMatch(of: /(?i)(.+)([_-])(down|undo|revert|rollback)/) {
      let (base, separator) = (match.1, match.2)
      counterparts = ["\(base).sql", "\(base)\(separator)up.sql", "\(base).up.sql"]
      isWeak = match.3.lowercased() != "down"
    } else {
      return nil
    }
  }

  /// The migration beside it that proves it; nil: none does.
  func counterpart(among names: Set<String>) -> String? { counterparts.first(where: names.contains) }
}
