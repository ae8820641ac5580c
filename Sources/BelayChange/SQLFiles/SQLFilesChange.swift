import BelayBase
import BelayDatabase
import BelayDrivers

/// The pending migrations of a folder, as a change. What must not run is found while it is read, all at once.
package struct SQLFilesChange: Change {
  private let context: RunContext
  private let request: MigrateRequest

  package init(context: RunContext, request: MigrateRequest) {
    self.context = context
    self.request = request
  }

  package func plan(on connection: Connection, catalog: Catalog) throws(BelayError) -> ChangePlan {
    let selection = try MigrationSelection(request, on: connection, catalog: catalog, context: context)
    let (history, pending) = (selection.history, selection.pending)
    var findings = pending.findings
    var planned: [PlannedFile] = []
    // Each file is read against the schema that the files before it leave behind, so they are split as one script.
    let statements = try split(pending.files, connection: connection)
    let names = DeclaredNames(catalog: catalog, statements: statements.flatMap { $0 })
    for (index, pendingFile) in pending.files.enumerated() {
      let (file, own) =
        selection.readsTransactions
        ? OwnTransaction.read(pendingFile, statements[index]) : (pendingFile, statements[index])
      let (opening, rest) = selection.setsBeforehand ? OwnTransaction.settings(own) : separateOpening(own)
      let declared = DeclaredLosses(file, allowLoss: request.allowLoss, names: names)
      planned.append(PlannedFile(file: file, opening: opening, statements: rest, declared: declared))
      findings += declared.findings
      findings += MigrationRules(file: planned[index], traits: connection.traits).findings()
      findings += try lint(file, connection: connection)
    }
    let steps = ChangeStep.steps(
      of: planned, traits: connection.traits, runsAtomically: try runsAtomically(connection), history: history,
      catalog: catalog)
    return ChangePlan(
      steps: steps, noun: isDown ? "down migration" : "migration", receipts: history.receipts, ledgers: history.tables,
      leftOut: pending.skipped.map(\.line), findings: findings)
  }

  private var isDown: Bool { request.down != nil || request.downTo != nil }

  /// The ledger of the copy must say so of every file.
  package func confirmDone(_ plan: ChangePlan, on copy: Connection) throws(BelayError) {
    guard let part = plan.parts.first as? SQLFilePart else { return }
    let catalog: Catalog
    do {
      catalog = try copy.catalog(operation: context.stoppable())
    } catch {
      throw BelayError(error, doing: "cannot read the schema of the copy", kind: .failed)
    }
    let files = plan.parts.compactMap { ($0 as? SQLFilePart)?.file }
    guard
      let missing = try part.history.firstUnrecorded(of: files, copy, catalog: catalog, context: context)?.name
    else { return }
    let ledger = part.history.tables.subtracting([part.history.receipts.table]).first ?? part.history.receipts.table
    throw BelayError(
      .migrationFailed,
      "after the rehearsal the ledger does not say that \(missing) has run: a second run would run it again",
      hint: "does the migration itself write to \(ledger)?")
  }

  private func runsAtomically(_ connection: Connection) throws(BelayError) -> Bool {
    do {
      return try connection.support(for: .atomic) == .available
    } catch {
      throw BelayError(
        error, doing: "cannot ask the driver how a file can be run", kind: .refused,
        state: "the database is untouched")
    }
  }

  private func split(_ files: [MigrationFile], connection: Connection) throws(BelayError) -> [[Statement]] {
    let operation = context.stoppable("reading the migrations")
    do {
      guard try connection.support(for: .script) == .available else {
        return try files.map { file throws(DriverError) in try connection.split(file.sql, operation: operation) }
      }
      return try read(files[...], seam: try connection.seam(operation: operation), connection, operation)
    } catch {
      throw BelayError(
        error, doing: "cannot read the migrations", kind: .refused, state: "the database is untouched")
    }
  }

  /// As one script, but for a quote or comment that a file does not close: what follows begins anew, for only that file is
  /// to blame.
  private func read(
    _ files: ArraySlice<MigrationFile>, seam: String, _ connection: Connection, _ operation: BelayDrivers.Operation
  ) throws(DriverError) -> [[Statement]] {
    guard !files.isEmpty else { return [] }
    let script = ScriptOfFiles(Array(files), seam: seam)
    let statements = try connection.split(script.text, operation: operation)
    let unclosed = script.firstUnclosed(in: statements)
    var read = (0..<(unclosed.map { $0 + 1 } ?? files.count)).map { script.statements(of: $0, in: statements) }
    guard let unclosed else { return read }
    let closed = read[unclosed].filter { $0.offset + $0.length <= script.end(of: unclosed) }
    // What the driver says of it where it ends with its file.
    let alone = try connection.split(files[files.startIndex + unclosed].sql, operation: operation)
    read[unclosed] = closed + alone.dropFirst(closed.count)
    return try read + self.read(files.dropFirst(unclosed + 1), seam: seam, connection, operation)
  }

  /// What has its effect only before a transaction may stand behind statements that neither write nor end anything, such as
  /// other settings.
  private func separateOpening(_ statements: [Statement]) -> ([Statement], [Statement]) {
    let top = statements.prefix { $0.flags.contains(.onlyBeforeTransaction) || $0.isInert }
    let opening = top.filter { $0.flags.contains(.onlyBeforeTransaction) }
    return (opening, top.filter { !$0.flags.contains(.onlyBeforeTransaction) } + statements.dropFirst(top.count))
  }

  /// The linter reads one file against the schema as it is now: only the first can be judged so. A driver that knows
  /// better judges each by itself, and an object that an earlier file makes is unknown to it, not wrong.
  private func lint(_ file: MigrationFile, connection: Connection) throws(BelayError) -> [Finding] {
    let found: [LintFinding]?
    do {
      found = try connection.lint(file.sql, operation: context.stoppable())
    } catch {
      throw BelayError(error, doing: "cannot lint \(file.name)", kind: .refused, state: "the database is untouched")
    }
    return (found ?? []).map { finding in
      Finding(
        Finding.Severity(finding.severity), source: "lint", rule: finding.rule,
        subject: "\(file.name), line \(finding.line)", message: finding.message, hint: finding.hint)
    }
  }
}

extension Statement {
  fileprivate var isInert: Bool { flags.isEmpty && writes.isEmpty }
}
