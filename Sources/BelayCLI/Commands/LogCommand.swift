import ArgumentParser
import BelayBase
import BelayCore
import BelayStore
import BelayText
import Foundation
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
        belay log --target shop --newer-than 7d
        belay log --failed --last 20
        belay log --verify
      """)

  @Flag(name: .long, help: "Check that nobody has changed the log.") var verify = false
  @OptionGroup(title: "Filters") var filter: LogFilter
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if verify, filter.isSet { throw ValidationError("--verify looks at the whole log: leave out the filters") }
  }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let runs = Store(FilePath(session.settings(configuration).store)).runs
    let log = AuditLog(runs: runs)
    if verify { return try check(log, runs, session) }
    var urls: Set<String> = []
    if let typed = filter.target {
      urls = [typed, redact(url: typed)]
      // The log has URLs. One that cannot be resolved now, for want of a variable, is looked for as it is typed.
      if let known = try? session.resolver(configuration).target(typed) { urls.insert(redact(url: known.url)) }
    }
    return try list(log, of: urls, session)
  }

  private func list(_ log: AuditLog, of urls: Set<String>, _ session: Session) throws(BelayError) -> ExitStatus {
    var (entries, shown, unreadable) = (0, 0, 0)
    let now = Date()
    // Those that are shown at the end, if only the last ones are.
    var last: [(number: Int, entry: AuditLog.Entry)] = []
    try log.eachLine { line in
      guard let entry = line.entry else {
        unreadable += 1
        session.renderer.show(.log(LogLine(.warning, "line \(line.number) of the audit log cannot be read")))
        return
      }
      entries += 1
      guard urls.isEmpty || urls.contains(entry.target), filter.includes(entry, now: now) else { return }
      shown += 1
      guard let most = filter.last else { return Self.show(line.number, entry, session) }
      last.append((line.number, entry))
      if last.count > most { last.removeFirst() }
    }
    for one in last { Self.show(one.number, one.entry, session) }
    if filter.last != nil { shown = last.count }
    let summary = filter.isSet ? "\(shown) of \(Counted.text(entries, "line"))" : Counted.text(entries, "line")
    return session.end(
      unreadable == 0
        ? RunResult(.done, summary)
        : RunResult(.doneWithWarnings, "\(summary), and \(Counted.text(unreadable, "line")) that cannot be read"))
  }

  private static func show(_ number: Int, _ entry: AuditLog.Entry, _ session: Session) {
    session.renderer.show(AuditRecord(number, entry), as: [line(entry)])
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

/// Which lines of the audit log are meant.
struct LogFilter: ParsableArguments {
  @Option(
    name: .long, help: "Only what was done to this target: its name in belay.yaml, or its URL.", completion: .target)
  var target: String?
  @Option(name: .long, help: "Only this action, such as migrate, rollback, backup or prune.") var action: String?
  @Option(name: .long, help: "Only what this user did.") var user: String?
  @Flag(name: .long, help: "Only what did not end with exit status 0.") var failed = false
  @Option(
    name: .long, help: ArgumentHelp("Only lines that are not older than that, such as 26h or 31d.", valueName: "age"))
  var newerThan: String?
  @Option(name: .long, help: ArgumentHelp("Only lines older than that.", valueName: "age")) var olderThan: String?
  @Option(name: .long, help: ArgumentHelp("Only the last lines of those, as many as this.", valueName: "number"))
  var last: Int?

  var isSet: Bool {
    failed || last != nil || [target, action, user, newerThan, olderThan].contains { $0 != nil }
  }

  func validate() throws {
    if let last, last < 1 { throw ValidationError("--last takes a number from 1") }
    _ = try newerThan.map { try ArchiveFilter.seconds($0, "--newer-than") }
    _ = try olderThan.map { try ArchiveFilter.seconds($0, "--older-than") }
  }

  /// Whatever its target is.
  func includes(_ entry: AuditLog.Entry, now: Date) -> Bool {
    if let action, entry.action != action { return false }
    if let user, entry.user != user { return false }
    if failed, entry.status == 0 { return false }
    let age = Moment.parse(entry.time).map { Int(now.timeIntervalSince($0)) }
    return ArchiveFilter.includes(age: age, olderThan: olderThan, newerThan: newerThan)
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
