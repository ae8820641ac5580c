import BelayDrivers

/// A file of a tool that sends files to the engine as they are, or looks at the statements: whether it runs in a transaction
/// is said by what is in it.
enum OwnTransaction {
  static func read(_ file: MigrationFile, _ statements: [Statement]) -> (MigrationFile, [Statement]) {
    let inside = withoutFrame(statements)
    let refuse = !inside.isEmpty && inside.allSatisfy { $0.flags.contains(.refusesTransaction) }
    return (refuse ? file.withoutTransaction() : file, inside)
  }

  /// Of a tool that runs its files in no transaction: settings such as SQLite's `PRAGMA foreign_keys` stand around the
  /// statements that they are for. They are made before the transaction; those behind the last statement that writes only
  /// take them back, as the end of the file's session does.
  static func settings(_ statements: [Statement]) -> (before: [Statement], others: [Statement]) {
    let end = statements.lastIndex { !$0.writes.isEmpty || $0.flags.contains(.unread) } ?? statements.startIndex
    let before = statements[..<end].filter { $0.flags.contains(.onlyBeforeTransaction) }
    return (before, statements.filter { !$0.flags.contains(.onlyBeforeTransaction) })
  }

  /// `BEGIN; …; COMMIT;` around all other statements is what belay does itself.
  private static func withoutFrame(_ statements: [Statement]) -> [Statement] {
    guard statements.count > 2, let first = statements.first, let last = statements.last,
      first.flags.contains(.opensTransaction), last.flags.contains(.endsTransaction), last.commits
    else { return statements }
    return Array(statements.dropFirst().dropLast())
  }
}

extension Statement {
  fileprivate var commits: Bool {
    let word = sql.split { !$0.isLetter }.first?.lowercased()
    return word == "commit" || word == "end"
  }
}
