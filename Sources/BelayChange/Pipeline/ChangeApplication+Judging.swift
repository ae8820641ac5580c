import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// What the parts did is compared with what they say, and with the rehearsal.
extension ChangeApplication {
  /// Tables that the parts name are read last: what others write after a table was read cannot be told from the
  /// migration's own doing where that makes the table anew.
  func stateBefore(_ step: ChangeStep, on connection: Connection) throws(BelayError) -> DatabaseState {
    if isUnread, let known = reached ?? backedUp {
      return try unreadState(from: known, evidence: nil, what: "reading before", on: connection)
    }
    return try StateReader(context: context, what: "reading before").read(connection, last: step.intent.tables)
  }

  /// Locks are held by now. Where the engine tells what the transaction did, only that is read; all else is as it was,
  /// by definition. In the rehearsal nobody waits, so that all is read there once.
  func stateAfter(
    _ part: any ChangePart, since reached: DatabaseState, isLast: Bool, on connection: Connection
  ) throws(BelayError) -> (DatabaseState, Evidence?) {
    var evidence: Evidence?
    if isUnread {
      evidence = try watchEvidence(on: connection)
      if let evidence {
        let state = try unreadState(
          from: reached, evidence: evidence, what: "reading after \(part.name)", on: connection)
        return (state, evidence)
      }
    }
    let state = try StateReader(context: context, what: "reading after \(part.name)").read(connection) {
      (catalog) throws(BelayError) in
      evidence = try watchEvidence(on: connection)
      guard let evidence, isOnTarget || !isLast else { return KnownTables() }
      let touched = evidence.touched(before: reached.catalog, after: catalog)
      var known = KnownTables()
      for table in catalog.tables where table.hasRows && !touched.contains(table.tableName) {
        known.states[table.tableName] = reached.tables[table.tableName]
      }
      return known
    }
    return (state, evidence)
  }

  /// Rows that differ may be others': outside a transaction, and in one that does not keep them off. Then the engine's
  /// evidence decides; without it, what the rehearsal, alone on its copy, did not do is theirs. Going back for it would
  /// lose what they wrote.
  func judge(
    from before: DatabaseState, to after: DatabaseState, parts: [any ChangePart], evidence: Evidence?,
    transactional: Bool, on connection: Connection
  ) throws(BelayError) {
    if parts.count == 1, let verdict = try parts[0].verdict(on: judged(before, after, on: connection)) {
      for table in verdict.others { context.log(.notice, "written by others meanwhile: table \(table)") }
      outcome.record.deltas += verdict.deltas
      return try refuse(verdict.findings, kind: .checkFailed, what: "the result was not accepted")
    }
    let contract = Contract(
      mode: context.settings.contract, ownTables: ownTables, allowLoss: allowLoss,
      altersColumns: connection.traits.altersColumns, lossOption: plan.words.lossOption)
    let othersMayWrite = isOnTarget && !(transactional && connection.traits.isExclusive)
    var intent = parts.intent
    // The rehearsal judged part by part: what one of them dropped is gone, though another makes a table of that name.
    if let rehearsed = rehearsal?.record.deltas {
      intent.allowReplacing(Set(rehearsed.filter { $0.change == .dropped }.map(\.table)))
    }
    let (before, after) = othersMayWrite ? withoutOthers(before, after) : (before, after)
    var verdict = contract.judge(
      before: before, after: after, intent: intent,
      evidence: evidence, othersMayWrite: othersMayWrite,
      rehearsed: isUnread ? rehearsal?.rehearsedTables : nil,
      rebuilt: try rebuiltRows(from: before, to: after, intent: intent, on: connection),
      // Of several parts only what they have done together is seen here: an index that went with its table looks lost where
      // another part makes a table of that name. The rehearsal judged each of them, and the schema must be the one it left.
      objects: !isRehearsed || parts.count == 1)
    if let evidence {
      outcome.rewritten.formUnion(evidence.rewritten)
      outcome.written.formUnion(evidence.written)
    }
    if othersMayWrite, evidence == nil, isRehearsed { verdict.excuseOthers() }
    for table in verdict.others { context.log(.notice, "written by others meanwhile: table \(table)") }
    outcome.record.deltas += verdict.deltas
    let names = parts.map(\.name).joined(separator: ", ")
    try refuse(
      verdict.findings, kind: .checkFailed, what: "\(names) \(parts.count == 1 ? "breaks" : "break") the contract")
  }

  func checkSchema(_ catalog: Catalog, index: Int) throws(BelayError) {
    guard let rehearsed = rehearsal?.catalogs, rehearsed.indices.contains(index) else { return }
    let differences = ExpectedSchema(catalog: rehearsed[index], ownTables: ownTables).differences(catalog)
    let reach = plan.reach
    context.tellOthers(differences.filter { !reach.contains($0) })
    let findings = differences.filter { reach.contains($0) }.map(Finding.init(notAsRehearsed:))
    guard let first = findings.first else { return }
    for finding in findings { context.narrator.tell(.finding(finding)) }
    throw BelayError(
      .checkFailed, "the schema differs from the one after the rehearsal: \(first.subject) \(first.message)",
      hint:
        "did somebody else change the schema meanwhile, or does the migration depend on the content of the database?",
      causes: findings.dropFirst().prefix(10).map { "\($0.subject): \($0.message)" })
  }

  // MARK: Plans of configured queries

  var planWatch: PlanWatch { PlanWatch(context: context) }

  func checkPlans(_ after: DatabaseState, on connection: Connection) throws(BelayError) {
    guard !planWatch.isEmpty else { return }
    guard let plansBefore else {
      if isOnTarget { context.log(.notice, "query plans are not compared: this driver does not report them") }
      return
    }
    var findings = plansBefore.compactMap { plan in
      plan.failure.map {
        Finding(
          .warning, source: "plan", rule: plan.definition.name, subject: "query \(plan.definition.name)",
          message: "could not be run before the migration either: \($0)")
      }
    }
    findings += try planWatch.findings(since: plansBefore, on: connection, rows: after.tables.mapValues(\.rows))
    try refuse(findings, kind: .checkFailed, what: "a query got worse")
  }

  func refuse(_ findings: [Finding], kind: BelayError.Kind, what: String) throws(BelayError) {
    outcome.record.findings += findings
    let errors = findings.filter { $0.severity == .error }
    guard let first = errors.first else { return }
    throw BelayError(
      kind, errors.count == 1 ? "\(what): \(first.subject) \(first.message)" : "\(what) (\(errors.count) findings)",
      hint: first.hint, causes: errors.count == 1 ? [] : errors.map { "\($0.subject): \($0.message)" })
  }

  // MARK: Expected numbers of rows

  func expectedRows(_ part: any ChangePart, on connection: Connection) throws(BelayError) -> [String: UInt64] {
    var rows: [String: UInt64] = [:]
    for expectation in part.expectations where expectation.fromBefore {
      rows[expectation.table] = try count(expectation.table, on: connection)
    }
    return rows
  }

  func checkExpectations(
    of part: any ChangePart, _ before: [String: UInt64], on connection: Connection
  ) throws(BelayError) {
    for expectation in part.expectations {
      let now = try count(expectation.table, on: connection)
      guard !expectation.holds(before: before[expectation.table] ?? 0, after: now) else { continue }
      throw BelayError(
        .checkFailed, "\(part.name) expects \(expectation.description), but there are \(now)",
        causes: expectation.fromBefore ? ["before: \(Counted.rows(before[expectation.table] ?? 0))"] : [])
    }
  }

  private func count(_ table: String, on connection: Connection) throws(BelayError) -> UInt64 {
    try count(connection.traits.quoted(table), named: table, on: connection)
  }

  func count(_ quoted: String, named table: String, on connection: Connection) throws(BelayError) -> UInt64 {
    do {
      let values = try connection.values("SELECT count(*) FROM \(quoted)", operation: context.stoppable())
      guard case .integer(let count)? = values.first?.first else { return 0 }
      return UInt64(max(0, count))
    } catch {
      throw BelayError(error, doing: "cannot count the rows of \(table)", kind: .checkFailed)
    }
  }
}
