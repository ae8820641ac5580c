import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore
import Foundation

/// A migration file with its statements, as the driver reads them.
struct PlannedFile: Sendable {
  let file: MigrationFile
  /// Statements at the top that have their effect only outside a transaction; run before BEGIN.
  let opening: [Statement]
  let statements: [Statement]
  let declared: DeclaredLosses
  /// It has run before, and only the ledger is to say so.
  var isRecordedOnly = false

  /// Without its statements: what is written is its row in the ledger.
  static func recorded(_ file: MigrationFile) -> PlannedFile {
    PlannedFile(file: file.markedAsRun(), opening: [], statements: [], declared: DeclaredLosses(), isRecordedOnly: true)
  }

  var transactional: Bool { isRecordedOnly || !file.directives.noTransaction }
  /// All of them, in their order.
  var allStatements: [Statement] { opening + statements }
}

extension ChangeStep {
  static let oneCall = Commit.itself("one call, with its row in the ledger")
  static let byStatement = Commit.itself("no transaction, statement by statement")

  /// Files next to each other share a transaction, except one that opts out, and one with statements to run before
  /// BEGIN: their effect must not reach the others.
  /// - Parameters:
  ///   - runsAtomically: the driver runs several statements as one call.
  ///   - catalog: what is in the target now: the first file makes what is missing of the ledger.
  static func steps(
    of files: [PlannedFile], traits: Traits, runsAtomically: Bool, history: any AppliedHistory, catalog: Catalog
  ) -> [ChangeStep] {
    let canRollBack = traits.hasTransactions && traits.hasTransactionalDDL
    var steps: [ChangeStep] = []
    var lastTakesMore = false
    var ledgerMakers = history.makers(traits, in: catalog)
    for file in files {
      defer { ledgerMakers = [] }
      if canRollBack, file.transactional {
        let part = SQLFilePart(planned: file, isOneCall: false, history: history, ledgerMakers: ledgerMakers)
        if file.opening.isEmpty, lastTakesMore {
          steps[steps.count - 1].parts.append(part)
        } else {
          steps.append(ChangeStep(parts: [part], commit: .transaction))
          lastTakesMore = file.opening.isEmpty
        }
      } else {
        let isOneCall = !traits.hasTransactions && runsAtomically && file.transactional
        let part = SQLFilePart(planned: file, isOneCall: isOneCall, history: history, ledgerMakers: ledgerMakers)
        steps.append(ChangeStep(parts: [part], commit: isOneCall ? oneCall : byStatement))
        lastTakesMore = false
      }
    }
    return steps
  }
}
