import BelayBase
import BelayDatabase
import BelayDrivers

/// Migration files as the driver reads them, and what is wrong with them.
struct FileReading {
  /// How a tool has its files read, where that is not belay's way.
  struct Rules {
    /// `AdoptedTool.readsTransactions`
    var readsTransactions = false
    /// `AdoptedTool.setsBeforehand`
    var setsBeforehand = false
  }

  let connection: Connection
  let context: RunContext
  let rules: Rules

  /// - Parameter catalog: of the database in which they are to run.
  func planned(
    _ files: [MigrationFile], allowLoss: [String] = [], catalog: Catalog
  ) throws(BelayError) -> (files: [PlannedFile], findings: [Finding]) {
    var findings: [Finding] = []
    var planned: [PlannedFile] = []
    // Each file is read against the schema that the files before it leave behind, so they are split as one script.
    let statements = try split(files)
    let names = DeclaredNames(catalog: catalog, statements: statements.flatMap { $0 })
    for (index, plain) in files.enumerated() {
      let (file, own) =
        rules.readsTransactions ? OwnTransaction.read(plain, statements[index]) : (plain, statements[index])
      let (opening, rest) = rules.setsBeforehand ? OwnTransaction.settings(own) : separateOpening(own)
      let declared = DeclaredLosses(file, allowLoss: allowLoss, names: names)
      planned.append(
        PlannedFile(file: file.counted(statements[index].count), opening: opening, statements: rest, declared: declared)
      )
      findings += declared.findings
      findings += MigrationRules(file: planned[index], traits: connection.traits).findings()
      findings += ShadowRules(file: planned[index], catalog: catalog).findings()
      findings += try lint(file)
    }
    return (planned, findings)
  }

  private func split(_ files: [MigrationFile]) throws(BelayError) -> [[Statement]] {
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
  private func lint(_ file: MigrationFile) throws(BelayError) -> [Finding] {
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
