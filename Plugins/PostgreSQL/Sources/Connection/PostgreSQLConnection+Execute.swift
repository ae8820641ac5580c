import BelayDriverKit
import CPostgreSQL

extension PostgreSQLConnection {
  func execute(_ sql: String, operation: Operation) throws(DriverFailure) -> Int64? {
    try Link.refuseNUL(sql)
    try shapeForExecuting(operation)
    let statements = StatementList(sql, link).entries
    var script = RunningScript(link, operation)
    // With a savepoint, a statement that could not get a lock can be tried again. Statements that end or divide the
    // transaction would remove the savepoint.
    guard !statements.contains(where: { LeadingWords($0.text).controlsTransaction }) else {
      return try script.run(statements) { () throws(DriverFailure) in try rememberCounters(operation) }
    }
    return try keepingTransaction(operation) { () throws(DriverFailure) in try script.run(statements) }
  }
}

/// Sends statements one by one, and knows what state the database is in when one of them fails.
private struct RunningScript {
  let link: Link
  let operation: Operation
  /// A statement has changed something that can no longer be rolled back.
  private var hasCommitted = false
  /// A statement has changed something in a transaction that is still open.
  private var hasPending = false

  init(_ link: Link, _ operation: Operation) {
    self.link = link
    self.operation = operation
  }

  /// - Parameter whenBegun: called when a statement has opened a transaction.
  /// - Returns: rows changed by the last one.
  mutating func run(
    _ statements: [StatementList.Entry], whenBegun: () throws(DriverFailure) -> Void = {}
  ) throws(DriverFailure) -> Int64? {
    // Whoever made the savepoint rolls all of it back.
    let isGuarded = link.isInTransaction && !statements.contains { LeadingWords($0.text).controlsTransaction }
    var affected: Int64? = 0
    for statement in statements {
      do throws(DriverFailure) {
        let wasIdle = link.isIdle
        affected = try run(statement.text)
        // What the statements in WITH change is not counted.
        if LeadingWords(statement.text).first == "WITH" { affected = nil }
        if wasIdle, link.isInTransaction { try whenBegun() }
      } catch {
        var failure = error
        failure.sqlOffset = failure.sqlOffset.map { $0 + statement.offset } ?? failure.sqlOffset
        if statements.count > 1, failure.sqlOffset == nil { failure.sqlOffset = statement.offset }
        if isGuarded {
          if !link.isLost { failure.outcome = .notApplied }
        } else {
          failure.outcome = outcome(of: failure, statement.text)
        }
        throw failure
      }
    }
    return affected
  }

  private mutating func run(_ sql: String) throws(DriverFailure) -> Int64? {
    let words = LeadingWords(sql)
    let (done, affected) = try link.perform(sql, operation: operation)
    // In a failed transaction the server treats COMMIT as ROLLBACK, and reports success.
    if words.commits, done == "ROLLBACK" {
      hasPending = false
      throw DriverFailure(
        .sql, "a statement of this transaction had failed, so the server rolled it back instead of committing it",
        sqlState: "25P02")
    }
    if words.first == "ROLLBACK" || words.first == "ABORT" {
      if link.isIdle { hasPending = false }
    } else if !words.leavesNothing, !words.commits {
      hasPending = true
    }
    if link.isIdle, hasPending {
      hasPending = false
      hasCommitted = true
    }
    return affected
  }

  private func outcome(of failure: DriverFailure, _ sql: String) -> DriverFailure.Outcome {
    if failure.outcome == .unknown { return .unknown }
    if hasCommitted { return .partial }
    if link.isLost || link.isInFailedTransaction || link.isInTransaction { return .notApplied }
    let words = LeadingWords(sql)
    // A statement that is refused before it starts has changed nothing.
    let isRefused = ["42", "0A", "25", "28"].contains { failure.sqlState.hasPrefix($0) } || failure.sqlState.isEmpty
    return words.commitsInSteps && !isRefused ? .partial : .notApplied
  }
}
