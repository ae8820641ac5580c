import BelayDrivers

/// A file of a tool that sends files to the engine as they are, or looks at the statements: whether it runs in a transaction
/// is said by what is in it.
enum OwnTransaction {
  static func read(_ file: MigrationFile, _ statements: [Statement]) -> (MigrationFile, [Statement]) {
    let inside = withoutFrame(statements)
    let refuse = !inside.isEmpty && inside.allSatisfy { $0.flags.contains(.refusesTransaction) }
    return (refuse ? file.withoutTransaction() : file, inside)
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
