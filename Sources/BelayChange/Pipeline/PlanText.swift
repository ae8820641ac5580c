import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// The plan as a person reads it: steps, parts, what they write, and how it is undone.
package struct PlanText {
  let plan: ChangePlan
  let catalog: Catalog
  let connection: Connection
  let context: RunContext

  package init(plan: ChangePlan, catalog: Catalog, connection: Connection, context: RunContext) {
    self.plan = plan
    self.catalog = catalog
    self.connection = connection
    self.context = context
  }

  package func lines() throws(BelayError) -> [String] {
    var lines: [String] = []
    for (index, step) in plan.steps.enumerated() {
      lines.append("\(index + 1). \(step.commit.words)")
      var parts: [PartLines] = []
      for part in step.parts { parts.append(try part.planLines(on: connection, catalog: catalog, context: context)) }
      for statement in parts.flatMap(\.before) { lines.append("   before BEGIN: \(statement)") }
      for part in parts {
        lines.append("   \(part.title)")
        lines += part.details.map { "     \($0)" }
      }
    }
    lines += plan.leftOutLines
    if let comparisonWords { lines.append("check: \(comparisonWords)") }
    lines.append("rollback: \(rollbackWords)")
    lines += context.settings.hooks.map(\.planLine)
    if plan.steps.count > 1 { lines.append("if a later step fails: \(laterFailureWords)") }
    return lines
  }

  /// What others wait for where belay compares rows; nil: the engine tells what a transaction has written.
  private var comparisonWords: String? {
    guard (try? connection.support(for: .footprint)) != .available else { return nil }
    let traits = connection.traits
    let size = traits.databaseBytes > 0 ? " (\(ByteCount.text(traits.databaseBytes)))" : ""
    let meanwhile =
      traits.hasTransactions && traits.isExclusive
      ? "nobody else can write until that is done"
      : "what others write meanwhile is recognised by the rehearsal, as far as possible"
    return "\(traits.serverName) does not tell what a migration has written: the rows of the database\(size) are read "
      + "before and after it; \(meanwhile)"
  }

  /// Only a step that is a transaction leaves nothing behind.
  private var laterFailureWords: String {
    let back = "everything is put back; rows that others write meanwhile are then only in an archive"
    guard plan.steps.dropFirst().contains(where: \.isTransaction) else { return back }
    switch context.settings.migrations.onFailure {
    case .stop: return "what was committed before stays, and belay stops there"
    case .back: return back
    case nil: return context.interactive ? "belay asks whether to stop there, or to put everything back" : back
    }
  }

  package var rollbackWords: String {
    if plan.isOneTransaction { return "the engine's ROLLBACK of one transaction" }
    let backup =
      connection.canPromote
      ? "a restored copy of the verified backup, swapped in for the database"
      : "the verified backup, restored in place"
        + (connection.traits.isExclusive || connection.hasRewind ? "" : "; what others write during that is lost")
    guard connection.hasRewind else { return backup }
    return "\(RollbackMethod.rewind.words), to a bookmark taken before the first statement; if that fails, \(backup)"
  }
}

extension ChangeStep.Commit {
  fileprivate var words: String {
    switch self {
    case .transaction: "one transaction"
    case .itself(let words): words
    }
  }
}
