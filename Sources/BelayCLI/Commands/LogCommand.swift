import ArgumentParser
import BelayBase
import BelayCore
import BelayStore
import BelayText
import SystemPackage

struct LogCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Show the audit log: who changed which target when, and how it ended.",
    discussion: """
      With --verify, checks instead that the log is as belay wrote it: each line names the hash of the one before, and every \
      run that has ended has its line. Exits with 21 if a line was changed, removed, moved or put in, and with 3 if there is \
      something that cannot be checked.

      Example:
        belay log
        belay log --verify
      """)

  @Flag(name: .long, help: "Check that nobody has changed the log.") var verify = false
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let store = session.settings(try session.configuration()).store
    let runs = Store(FilePath(store)).runs
    let log = AuditLog(runs: runs)
    return verify ? try check(log, runs, session) : try list(log, session)
  }

  private func list(_ log: AuditLog, _ session: Session) throws(BelayError) -> ExitStatus {
    var entries = 0
    var unreadable = 0
    try log.eachLine { line in
      guard let entry = line.entry else {
        unreadable += 1
        session.renderer.show(.log(LogLine(.warning, "line \(line.number) of the audit log cannot be read")))
        return
      }
      entries += 1
      session.renderer.show(AuditRecord(line.number, entry), as: [Self.line(entry)])
    }
    let summary = Counted.text(entries, "line")
    return session.end(
      unreadable == 0
        ? RunResult(.done, summary)
        : RunResult(.doneWithWarnings, "\(summary), and \(Counted.text(unreadable, "line")) that cannot be read"))
  }

  static func line(_ entry: AuditLog.Entry) -> String {
    "\(entry.time)  \(entry.action.padded(to: 8))  exit \(String(entry.status).padded(to: 3))  \(entry.user)  "
      + "\(entry.target)  \(entry.summary)"
  }

  private func check(_ log: AuditLog, _ runs: RunState, _ session: Session) throws(BelayError) -> ExitStatus {
    let verdict = try log.verify(runs: runs)
    func text(_ found: AuditVerdict.Break) -> String { (found.line.map { "line \($0) " } ?? "") + found.message }
    for remark in verdict.remarks { session.renderer.show(.log(LogLine(.warning, text(remark)))) }
    guard verdict.breaks.isEmpty else {
      let shown = verdict.breaks.prefix(20).map(text)
      let more = verdict.breaks.count - shown.count
      throw BelayError(
        .verificationFailed, "the audit log \(runs.auditLog) is not as belay wrote it",
        hint: "compare it with a copy, and with the folders of the runs in the store",
        causes: shown + (more > 0 ? ["and \(more) more"] : []))
    }
    return session.end(
      RunResult(
        verdict.remarks.isEmpty ? .done : .doneWithWarnings,
        "the chain of the audit log is whole: \(Counted.text(verdict.entries, "line"))"))
  }
}

/// An entry as `--json` shows it.
private struct AuditRecord: Encodable {
  let event = "log_entry"
  let line: Int
  let time: String
  let user: String
  let action: String
  let target: String
  let run: String
  let status: Int32
  let summary: String

  private enum CodingKeys: String, CodingKey { case event, line, time, user, action, target, run, status, summary }

  init(_ line: Int, _ entry: AuditLog.Entry) {
    self.line = line
    (time, user, action) = (entry.time, entry.user, entry.action)
    (target, run, status, summary) = (entry.target, entry.run, entry.status, entry.summary)
  }
}
