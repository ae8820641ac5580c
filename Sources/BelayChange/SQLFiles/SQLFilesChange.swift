import BelayBase
import BelayDatabase
import BelayDrivers
import SystemPackage

/// The pending migrations of a folder, as a change. What must not run is found while it is read, all at once.
package struct SQLFilesChange: Change {
  private let context: RunContext
  private let request: MigrateRequest

  package init(context: RunContext, request: MigrateRequest) {
    self.context = context
    self.request = request
  }

  package func plan(on connection: Connection, catalog: Catalog) throws(BelayError) -> ChangePlan {
    let (history, pending, readsTransactions) = try select(on: connection, catalog: catalog)
    var findings = pending.findings
    var planned: [PlannedFile] = []
    // Each file is read against the schema that the files before it leave behind, so they are split as one script.
    let statements = try split(pending.files, connection: connection)
    let names = DeclaredNames(catalog: catalog, statements: statements.flatMap { $0 })
    for (index, pendingFile) in pending.files.enumerated() {
      let (file, own) =
        readsTransactions ? OwnTransaction.read(pendingFile, statements[index]) : (pendingFile, statements[index])
      let (opening, rest) = separateOpening(own)
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

  private typealias Selection = (history: any AppliedHistory, pending: PendingMigrations.Found, readsTransactions: Bool)

  /// By the rules of the tool whose folder it is, or by belay's own.
  private func select(on connection: Connection, catalog: Catalog) throws(BelayError) -> Selection {
    let settings = context.settings.migrations
    let path = FilePath(settings.directory ?? "migrations")
    let convention = Convention(settings.convention, usualOf: connection.traits)
    let source = convention.source(folder: path, start: request.folder.map { FilePath($0) })
    let named = try source.files(named: request.files)
    // A file from elsewhere has nothing to do with the folder, which need not be there.
    if named.isEmpty || named.contains(where: { source.isOfFolder($0.name) }),
      let adopted = try AdoptedFolder.find(path, on: connection, catalog: catalog, context: context)
    {
      let found = try adopted.pending(request, on: connection, catalog: catalog, context: context)
      return (adopted.history, found, adopted.tool.readsTransactions)
    }
    guard request.down == nil, request.downTo == nil else {
      throw BelayError(
        .refused, "the migrations folder \(path) is read as plain files, which have no way down",
        hint: "put the backup of a run back with `belay rollback`, or name a file that undoes a migration",
        state: "the database is untouched")
    }
    let history = try convention.history(
      table: settings.ledger, on: connection, catalog: catalog, context: context)
    let elsewhere = try LedgersElsewhere(
      than: history.tables, catalog: catalog, connection: connection, context: context)
    let found = try PendingMigrations(source: source, request: request, elsewhere: elsewhere).find(
      applied: try history.applied(connection, catalog: catalog, context: context), sharesFiles: history.sharesFiles)
    return (history, found, false)
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
