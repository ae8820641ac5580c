import BelayBase
import BelayDatabase
import BelayDrivers

/// One transaction in the target, which leaves nothing behind if it fails or is cut off.
struct CopyTransaction {
  /// What its statements see.
  enum View {
    /// The data of one instant.
    case instant
    /// What others have committed by then: after a lock was waited for, what its holder has done.
    case latest
  }

  private let connection: Connection
  private let context: RunContext

  /// - Throws: `.refused` where the engine has no such transactions.
  init(_ connection: Connection, context: RunContext) throws(BelayError) {
    self.connection = connection
    self.context = context
    guard connection.traits.hasTransactions, connection.traits.hasTransactionalDDL else {
      throw BelayError(
        .refused,
        "\(connection.traits.serverName) cannot make or drop a table in a transaction: a copy that was cut off could not "
          + "be told from a whole one",
        hint: "`belay backup --table` keeps the rows of single tables in an archive", state: "nothing was changed")
    }
    guard !connection.traits.isReadOnly else {
      throw BelayError(
        .refused, "the database is read-only for this user",
        hint: "check the permissions of the database and of its folder", state: "nothing was changed")
    }
  }

  /// - Parameters:
  ///   - doing: for an error of BEGIN or COMMIT: "cannot copy the tables".
  ///   - view: where the engine leaves the choice.
  ///   - body: whatever it throws, all that it has done is rolled back.
  func run<Output>(
    _ doing: String, seeing view: View, _ body: () throws(BelayError) -> Output
  ) throws(BelayError) -> Output {
    let output: Output
    do {
      try begin(doing, view)
      output = try body()
      try context.checkCancelled()
    } catch {
      rollBack()
      var error = context.cancellation.isCancelled ? context.interruption() : error
      error.state = "nothing was changed"
      throw error
    }
    do {
      _ = try connection.execute(connection.traits.commit, operation: context.unstoppable())
    } catch {
      rollBack()
      let isKnown = error.outcome == .notApplied
      throw BelayError(
        error, doing: "\(doing): COMMIT failed", kind: .failed,
        state: isKnown
          ? "nothing was changed"
          : "it is not known whether COMMIT took effect: `belay snapshot-table --list` shows which copies there are")
    }
    return output
  }

  private func begin(_ doing: String, _ view: View) throws(BelayError) {
    do {
      // Else each statement would see what others have committed by then. It is too late for that after BEGIN: a driver may
      // ask the server something right away.
      if view == .instant, !connection.traits.hasStableRead {
        _ = try connection.execute(
          "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ", operation: context.stoppable())
      }
      _ = try connection.execute(
        connection.traits.begin, operation: context.stoppable("waiting for a lock", waitsForLocks: true))
    } catch {
      throw BelayError(error, doing: "\(doing): the transaction cannot begin", kind: .failed)
    }
  }

  /// Of two errors the first is the one to tell.
  private func rollBack() {
    do {
      _ = try connection.execute(connection.traits.rollback, operation: context.unstoppable())
    } catch {
      context.log(.debug, "ROLLBACK: \(error.message)")
    }
  }
}
