import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore

/// Who else works on the target, and how they are ended where a person asks for it.
package struct OtherSessions {
  package let run: Run

  package init(run: Run) {
    self.run = run
  }

  private var context: RunContext { run.context }
  private var target: String { run.access.redactedURL }

  /// nil: they can be ended. Asked before anything is done.
  package func cannotBeEnded() -> Finding? {
    let reason: String
    let hint: String?
    do throws(DriverError) {
      switch try run.connection.support(for: .sessions) {
      case .available: return nil
      case .absent: (reason, hint) = ("this driver cannot end other sessions", nil)
      case .refused(let error): (reason, hint) = ("other sessions cannot be ended: \(error.message)", error.hint)
      }
    } catch {
      (reason, hint) = ("it is not known whether sessions can be ended: \(error.message)", error.hint)
    }
    return Finding(
      .error, source: "preflight", rule: "terminate", subject: target, message: reason,
      hint: hint ?? "omit --terminate, and stop the programs that use the database")
  }

  /// Ends all of them but belay's own. Who comes back in the next moment is let in.
  package func end() throws(BelayError) {
    let others: [Session]
    do {
      others = try (run.connection.sessions(operation: context.stoppable()) ?? []).filter { !$0.isBelay }
    } catch {
      throw BelayError(
        error, doing: "cannot see who else uses \(target)", kind: .refused, state: "\(target) is untouched")
    }
    guard !others.isEmpty else { return }
    try run.journal.write(.endingSessions(others.map(\.line)))
    for session in others {
      do {
        try run.connection.terminateSession(session.id, operation: context.stoppable())
        context.log(.notice, "ended the session of \(session.line)")
      } catch  where error.code == .notFound {
        context.log(.notice, "the session of \(session.line) had already ended")
      } catch {
        throw BelayError(
          error, doing: "cannot end the session of \(session.line)", kind: .refused, state: "\(target) is untouched")
      }
    }
    run.report.add(.sessionsEnded(others.map(\.line)))
  }
}
