import BelayDrivers

/// A file with its statements, as the driver reads them.
struct PlannedFile: Sendable {
  let file: MigrationFile
  /// Statements at the top that have their effect only outside a transaction; run before BEGIN.
  let opening: [Statement]
  let statements: [Statement]

  var transactional: Bool { !file.directives.noTransaction }
  var writes: [Write] { statements.flatMap(\.writes) }
}

/// Files that take effect together.
struct MigrationGroup: Sendable {
  var files: [PlannedFile]
  let transactional: Bool
  var opening: [Statement] { files.first?.opening ?? [] }
  var names: [String] { files.map(\.file.name) }
}

/// What is to be run, in which order, in which transactions.
struct MigrationPlan: Sendable {
  let groups: [MigrationGroup]
  /// Of the dialect's linter, and the host's own.
  let findings: [Finding]

  var files: [PlannedFile] { groups.flatMap(\.files) }
  var isEmpty: Bool { groups.isEmpty }
  /// The way back is the engine's own ROLLBACK whatever fails.
  var isOneTransaction: Bool { groups.count == 1 && groups.allSatisfy(\.transactional) }

  /// Files next to each other share a transaction, except one that opts out, and one with statements to run before
  /// BEGIN: their effect must not reach the others.
  static func group(_ files: [PlannedFile], traits: Traits) -> [MigrationGroup] {
    let canRollBack = traits.hasTransactions && traits.hasTransactionalDDL
    var groups: [MigrationGroup] = []
    for file in files {
      let transactional = canRollBack && file.transactional
      if transactional, file.opening.isEmpty, let last = groups.last, last.transactional, last.opening.isEmpty {
        groups[groups.count - 1].files.append(file)
      } else {
        groups.append(MigrationGroup(files: [file], transactional: transactional))
      }
    }
    return groups
  }
}
