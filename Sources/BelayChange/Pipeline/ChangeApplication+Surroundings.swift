import BelayBase
import BelayDatabase
import BelayDrivers

/// Looks whether a step reaches beyond its database.
extension ChangeApplication {
  /// Before any statement, and after BEGIN. Outside a transaction others' doing cannot be told from the step's own: there
  /// it is looked at only where the step may do what nobody has read.
  func watchSurroundings(_ step: ChangeStep, on connection: Connection) throws(BelayError) {
    guard step.isTransaction || !step.parts.allSatisfy(\.isFullyRead) else { return }
    watch.surroundings = try Surroundings.read(connection, context: context)
  }

  /// Before COMMIT, which would make it last: a step in a transaction is refused, and takes it back. Outside of one it has
  /// happened; a rehearsal ends there, so that the target is spared.
  func checkSurroundings(_ step: ChangeStep, on connection: Connection) throws(BelayError) {
    let changes = try surroundingsChanged(on: connection)
    let own = changes.filter(\.isOwn)
    for change in changes where !change.isOwn { context.log(.info, "by others meanwhile: \(change.description)") }
    if !step.isTransaction { outcome.outside += own.map(\.description) }
    // Of a command nothing shows whether it has done it, and a server where others come and go is no reason to stop.
    let isRefused = step.isTransaction || !(isOnTarget || plan.words.mayGoAstray)
    let findings = own.map { change in
      Finding(
        isRefused ? .error : .warning, source: "contract", rule: "beyond-database", subject: change.subject,
        message: change.words + ", outside the database: "
          + (step.isTransaction
            ? "no rollback takes that back later" : "by the \(plan.noun), or by somebody else meanwhile"),
        hint: isRefused ? "do it by hand, before the \(plan.noun)" : nil)
    }
    try refuse(findings, kind: .checkFailed, what: "\(step.names.joined(separator: ", ")) reaches beyond the database")
  }

  /// A step that takes effect as it goes has failed: what it has done outside the database stays, and is said.
  func noteSurroundings(on connection: Connection) {
    do {
      outcome.outside += try surroundingsChanged(on: connection).map(\.description)
    } catch {
      context.log(.debug, error.message)
    }
  }

  private func surroundingsChanged(on connection: Connection) throws(BelayError) -> [Surroundings.Change] {
    guard let before = watch.surroundings, let now = try Surroundings.read(connection, context: context) else {
      return []
    }
    watch.surroundings = now
    return now.changes(since: before)
  }
}

extension ChangeApplication.Outcome {
  /// Behind a sentence on the state of a database; empty: nothing was done outside of it.
  var outsideWords: String {
    outside.isEmpty
      ? "" : "; outside the database stays what was done there meanwhile: " + outside.joined(separator: ", ")
  }
}
