import BelayBase
import BelayDrivers

/// A file with its statements, as the driver reads them.
package struct PlannedFile: Sendable {
  package let file: MigrationFile
  /// Statements at the top that have their effect only outside a transaction; run before BEGIN.
  let opening: [Statement]
  let statements: [Statement]

  package var transactional: Bool { !file.directives.noTransaction }
  package var writes: [Write] { statements.flatMap(\.writes) }
  /// All of them, in their order.
  var allStatements: [Statement] { opening + statements }
}

/// Files that take effect together.
package struct MigrationGroup: Sendable {
  package var files: [PlannedFile]
  package let transactional: Bool
  /// Where there are no transactions: one file, sent with its row in the ledger as one call, all or nothing where the driver
  /// can do that with these statements.
  var isOneCall = false
  /// Run by themselves, before anything else.
  var opening: [Statement] { isOneCall ? [] : files.first?.opening ?? [] }
  package var names: [String] { files.map(\.file.name) }
}

/// What is to be run, in which order, in which transactions.
package struct MigrationPlan: Sendable {
  package let groups: [MigrationGroup]
  package let ledger: Ledger
  /// Of the dialect's linter, and the host's own.
  package let findings: [Finding]

  package var files: [PlannedFile] { groups.flatMap(\.files) }
  package var isEmpty: Bool { groups.isEmpty }
  /// The way back is the engine's own ROLLBACK whatever fails.
  package var isOneTransaction: Bool { groups.count == 1 && groups.allSatisfy(\.transactional) }

  /// Files next to each other share a transaction, except one that opts out, and one with statements to run before
  /// BEGIN: their effect must not reach the others.
  /// - Parameter runsAtomically: the driver runs several statements as one call.
  package static func group(_ files: [PlannedFile], traits: Traits, runsAtomically: Bool) -> [MigrationGroup] {
    let canRollBack = traits.hasTransactions && traits.hasTransactionalDDL
    var groups: [MigrationGroup] = []
    for file in files {
      let transactional = canRollBack && file.transactional
      if transactional, file.opening.isEmpty, let last = groups.last, last.transactional, last.opening.isEmpty {
        groups[groups.count - 1].files.append(file)
      } else {
        let isOneCall = !traits.hasTransactions && runsAtomically && file.transactional
        groups.append(MigrationGroup(files: [file], transactional: transactional, isOneCall: isOneCall))
      }
    }
    return groups
  }
}
