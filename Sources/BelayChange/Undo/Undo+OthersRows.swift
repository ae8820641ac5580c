import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// A failure that has changed no row is not answered by a method that takes rows of others away, unless somebody says so.
extension Undo {
  /// Says that the run has written no rows, and asks where that can be asked.
  /// - Parameters:
  ///   - before: what was there before its first statement; nil: what the archive holds.
  ///   - isAgreed: the loss was agreed to beforehand.
  /// - Throws: `.notRolledBack`, with what is not as it was, where going back would lose rows and nobody wants that.
  package func spareOthersRows(since before: DatabaseState?, isAgreed: Bool = false) throws(BelayError) {
    guard !isAgreed else { return }
    let backup = try DatabaseState.recorded(in: reader)
    let present = try StateReader(context: context, what: "reading the current state", stoppable: false).read(
      run.connection)
    let lost = othersRows(present, backup)
    let others = otherSessions()
    guard !lost.isEmpty || !others.isEmpty else { return }
    var price: [String] = []
    if !lost.isEmpty { price.append("rows that others have written since (\(lost.joined(separator: "; ")))") }
    if !others.isEmpty { price.append("what these sessions are about to commit: \(others.joined(separator: "; "))") }
    let loss = price.joined(separator: ", and ")
    if run.context.interactive, !run.context.cancellation.isCancelled {
      let question = "no row was changed by the run. put the backup in place all the same? \(target) loses \(loss)"
      if context.narrator.ask(.yesNo, question) == "yes" { return }
    }
    throw left(present, since: before ?? backup, loss: loss)
  }

  /// Whether the only tables whose rows the run may have written hold what they held before: then rows that differ
  /// elsewhere are those of others.
  /// - Parameter before: nil: what the archive holds.
  package func isUntouched(_ tables: Set<TableName>, since before: DatabaseState? = nil) -> Bool {
    do {
      let expected: DatabaseState
      if let before { expected = before } else { expected = try DatabaseState.recorded(in: reader) }
      let now = try StateReader(context: context, what: "reading the current state", stoppable: false).read(
        run.connection)
      return now.holdsRows(of: tables, asIn: expected)
    } catch {
      context.log(.debug, error.message)
      return false
    }
  }

  /// Asks, where somebody can answer, before a method runs during which the rows that others write are lost. The plan has
  /// said so; how many others there are is known only now.
  /// - Throws: `.changedMeanwhile`, where that is not wanted.
  func agreeToLosses(by method: RollbackMethod) throws(BelayError) {
    let traits = run.connection.traits
    guard asksForLosses, !(traits.isExclusive && traits.hasTransactions), run.context.interactive,
      !run.context.cancellation.isCancelled
    else { return }
    let others = otherSessions()
    guard !others.isEmpty else { return }
    let sessions = others.count == 1 ? "one other session is" : "\(others.count) other sessions are"
    let question =
      "\(sessions) at work in \(target) (\(others.prefix(5).joined(separator: "; "))). what others have written until "
      + "now is saved; what they write during the next step (\(method.words)) is lost. go on?"
    guard context.narrator.ask(.yesNo, question) != "yes" else { return }
    throw BelayError(
      .changedMeanwhile, "the backup was not put in place, because others are at work",
      hint: "stop the other programs, then run `belay recover \(run.id)`")
  }

  /// Asks, where somebody can answer, before an interrupted run is undone by putting its backup in place: what others have
  /// written since is then in `saved` alone.
  /// - Parameters:
  ///   - saved: the archive of what is there; nil: it could not be read.
  ///   - isAgreed: nobody need be asked.
  /// - Throws: `.notRolledBack`, where that is not wanted.
  package func agreeToRestoring(savedAs saved: String?, isAgreed: Bool) throws(BelayError) {
    guard let saved, !isAgreed, context.interactive, !context.cancellation.isCancelled else { return }
    let present = try DatabaseState.recorded(in: context.store.archives.resolve(saved).open(with: context.keys))
    let rows = othersRows(present, try DatabaseState.recorded(in: reader))
    guard !rows.isEmpty else { return }
    context.narrator.tell(.section(Section("what differs from the backup", rows)))
    let question =
      "put the backup \(reader.manifest.id) in place? what others have written since the run was interrupted is then in "
      + "\(saved) alone"
    guard context.narrator.ask(.yesNo, question) != "yes" else { return }
    throw BelayError(
      .notRolledBack, "the backup was not put in place",
      hint:
        "look at the rows with `belay diff \(reader.manifest.id) \(saved) --data`, then run `belay recover \(run.id)` again",
      state: "\(target) is as the interrupted run left it: a part of its steps has taken effect")
  }

  /// Tables whose rows are not those of the backup, the run's own account and the engine's left out.
  private func othersRows(_ present: DatabaseState, _ backup: DatabaseState) -> [String] {
    let losses = Losses(
      present: present,
      backup: backup, leavingOut: Set([receipts?.table, Connection.lockTable].compactMap(\.self)))
    return losses.rowLines
  }

  /// Empty also where they are not known.
  private func otherSessions() -> [String] {
    do {
      let sessions = try run.connection.sessions(operation: context.unstoppable()) ?? []
      return sessions.filter { !$0.isBelay }.map(\.line)
    } catch {
      context.log(.debug, error.message)
      return []
    }
  }

  private func left(_ present: DatabaseState, since before: DatabaseState, loss: String) -> BelayError {
    let additions = Additions(
      present: present, since: before, receipts: receipts, traits: run.connection.traits, rowsAreOfOthers: true,
      reach: reach)
    let recover = "belay recover \(run.id)"
    let what: String
    let hint: String
    if let additions, !additions.statements.isEmpty {
      what = "\(additions.names) could not be dropped again"
      hint =
        "when nobody is in its way any more, `\(recover)` drops it; by hand: "
        + additions.statements.map { $0 + ";" }.joined(separator: " ")
    } else {
      let differences = present.differences(from: before).filter {
        $0.isSchema && !$0.isOfLock && reach?.contains($0) != false
      }
      what =
        differences.isEmpty
        ? "it could not be proven" : differences.prefix(5).map(\.description).joined(separator: ", ")
      hint = "put it right by hand; `\(recover)` then proves that it is as it was"
    }
    return BelayError(
      .notRolledBack,
      "\(what); the run changed no row, so the backup was not put over what others have written", hint: hint,
      state: "all rows are there",
      causes: ["`\(recover) --yes` puts the backup in place all the same, and takes away \(loss)"])
  }
}
