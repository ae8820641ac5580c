import BelayBase
import BelayDatabase
import BelayDrivers
import BelayProcess
import BelayRuns

/// A command as the only part of a change.
struct GuardedCommandPart: ChangePart {
  let request: GuardRequest
  /// Of the program.
  let path: String
  let name: String
  let declared: DeclaredEffects
  let url: CommandURL
  let input: CommandInput
  let memory: CommandMemory

  var intent: Intent { Intent() }
  var expectations: [Expectation] { declared.expectations }

  /// On the target it writes the tables that it wrote in the rehearsal: rows that differ in others are those of others.
  var rows: RowWriting {
    let memory = memory.now
    guard let written = memory.written, !memory.hasDropped else { return .always }
    return .only(written)
  }

  func planLines(on connection: Connection, catalog: Catalog, context: RunContext) throws(BelayError) -> PartLines {
    var details = ["the database's URL: " + urlPlaces.joined(separator: ", ")]
    let allowed = (declared.loss.sorted().map { "loss of \($0)" } + declared.change.sorted().map { "changes in \($0)" })
    details.append(
      "what it takes away must be declared; declared: "
        + (allowed.isEmpty ? "nothing" : allowed.joined(separator: ", ")))
    details.append("if it fails, what it has done is undone; rows that others write meanwhile are then in an archive")
    return PartLines(title: "`\(name)` in \(request.folder)", details: details)
  }

  private var urlPlaces: [String] {
    request.urlVariables.map { "in the variable \($0)" }
      + [request.urlFile.map { "in the file \($0)" }].compactMap(\.self)
      + (request.hasURLArgument ? ["in its arguments"] : [])
  }

  func run(on stage: Stage) throws(BelayError) {
    let context = stage.context
    try context.checkCancelled()
    let ledger = try LedgerEntries(on: stage.connection, context: context)
    let sessions = sessions(on: stage)
    try stage.willRun(name, statement: 0)
    context.narrator.tell(.command(CommandStarted(command: name, isRehearsal: !stage.isTarget)))
    let began = ContinuousClock.now
    var command = CommandRun(
      context: context, request: request, path: path, name: name, url: url.text(of: stage.url),
      isRehearsal: !stage.isTarget, processes: CommandProcesses(run: stage.runID, context))
    let left = try input.with(isLast: stage.isTarget) { (input) throws(BelayError) in try command.run(reading: input) }
    let taken = (ContinuousClock.now - began).seconds
    stage.ended(name, seconds: taken)
    if !left.isEmpty { report(left, of: command, on: stage) }
    report(newSessions: sessions, on: stage)
    stage.report(ledger: try LedgerEntries(on: stage.connection, context: context).lines(since: ledger))
  }

  private func report(_ left: [RunningProcess], of command: CommandRun, on stage: Stage) {
    let words = CommandProcesses.words(left)
    stage.report(
      Finding(
        .warning, source: "guard", rule: "left-running", subject: "`\(name)`",
        message: "has left running: \(words)" + (stage.isTarget ? "; what it writes from now on is not judged" : ""),
        hint: stage.isTarget ? "check what it does; it is not ended" : nil))
    // What belongs to the rehearsal must not go on beside the change.
    if !stage.isTarget { command.processes.end(stage.context) }
  }

  // MARK: Sessions

  private func sessions(on stage: Stage) -> Set<String>? {
    do {
      return try stage.connection.sessions(operation: stage.context.stoppable()).map { Set($0.map(\.id)) }
    } catch {
      stage.context.log(.debug, error.message)
      return nil
    }
  }

  /// Those that have come while it ran, and have something open: it may have left a transaction behind.
  private func report(newSessions earlier: Set<String>?, on stage: Stage) {
    guard let earlier else { return }
    do {
      let now = try stage.connection.sessions(operation: stage.context.stoppable()) ?? []
      let open = now.filter { !$0.isBelay && !earlier.contains($0.id) && $0.state.map { $0 != "idle" } ?? false }
      guard !open.isEmpty else { return }
      stage.report(
        Finding(
          .warning, source: "guard", rule: "open-sessions", subject: "`\(name)`",
          message: "has ended, and these sessions that began meanwhile are still at work: "
            + open.prefix(5).map(\.line).joined(separator: "; "),
          hint: "what they commit from now on is not judged"))
    } catch {
      stage.context.log(.debug, error.message)
    }
  }

  // MARK: Judgement

  func verdict(on judged: JudgedStates) throws(BelayError) -> Contract.Verdict? {
    let found = try StateVerdict(judged, declared: declared)
    if !judged.isOnTarget {
      let (written, hasDropped) = (found.written, found.hasDropped)
      memory.note {
        $0.written = written
        $0.hasDropped = hasDropped
      }
    }
    var verdict = found.verdict
    guard !found.flags.isEmpty else { return verdict }
    if memory.now.isAgreed || agrees(to: found, judged) {
      memory.note { $0.isAgreed = true }
      for index in verdict.findings.indices where verdict.findings[index].severity == .error {
        verdict.findings[index].severity = .note
        verdict.findings[index].message += " (agreed to)"
      }
    } else if let first = verdict.findings.firstIndex(where: { $0.severity == .error }) {
      try judged.context.checkCancelled()
      verdict.findings[first].hint = "if all of this is intended, add: " + found.flags.joined(separator: " ")
    }
    return verdict
  }

  /// `--yes` is no answer to this: nobody has seen it.
  private func agrees(to found: StateVerdict, _ judged: JudgedStates) -> Bool {
    let context = judged.context
    guard context.interactive, !context.settings.yes else { return false }
    let lines = found.verdict.findings.filter { $0.severity == .error }.map { "\($0.subject): \($0.message)" }
    context.narrator.tell(
      .section(
        Section(
          judged.isOnTarget ? "what the command has done" : "what the command has done to the copy",
          parts: [TableDelta.text(found.verdict.deltas), .line("")] + lines.map { .line($0) })))
    let question =
      judged.isOnTarget ? "is all of this intended? (no: everything is put back)" : "is all of this intended?"
    return context.narrator.ask(.yesNo, question) == "yes"
  }
}
