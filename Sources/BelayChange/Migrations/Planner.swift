import BelayBase
import BelayDatabase
import BelayDrivers
import SystemPackage

/// Finds what is pending and reads it, without changing anything. What must not run is refused here, all at once.
package struct Planner {
  package let context: RunContext
  package let request: MigrateRequest

  package init(context: RunContext, request: MigrateRequest) {
    self.context = context
    self.request = request
  }

  /// The folder from belay.yaml or `--dir`.
  package var folder: MigrationFolder {
    MigrationFolder(path: FilePath(context.settings.migrations.directory ?? "migrations"))
  }

  package func plan(_ connection: Connection, catalog: Catalog) throws(BelayError) -> MigrationPlan {
    let ledger = Ledger(
      configured: context.settings.migrations.ledger, context: context, traits: connection.traits, catalog: catalog)
    let pending = try pending(applied: try ledger.rows(connection, catalog: catalog))
    var findings: [Finding] = []
    var planned: [PlannedFile] = []
    // Each file is read against the schema that the files before it leave behind, so they are split as one script.
    let statements = try split(pending, connection: connection)
    for (index, file) in pending.enumerated() {
      let own = statements[index]
      let (opening, rest) = separateOpening(own)
      let file = PlannedFile(file: file, opening: opening, statements: rest)
      findings += MigrationRules(file: file, traits: connection.traits).findings()
      findings += try lint(file.file, connection: connection, position: index)
      planned.append(file)
    }
    let groups = MigrationPlan.group(
      planned, traits: connection.traits, runsAtomically: try runsAtomically(connection))
    return MigrationPlan(groups: groups, ledger: ledger, findings: findings)
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
      let script = Script(files)
      let statements = try connection.split(script.text, operation: operation)
      return files.indices.map { script.statements(of: $0, in: statements) }
    } catch {
      throw BelayError(
        error, doing: "cannot read the migrations", kind: .refused, state: "the database is untouched")
    }
  }

  private func separateOpening(_ statements: [Statement]) -> ([Statement], [Statement]) {
    let opening = statements.prefix { $0.flags.contains(.onlyBeforeTransaction) }
    return (Array(opening), Array(statements.dropFirst(opening.count)))
  }

  /// The linter reads one file against the schema as it is now: only the first can be judged so. A driver that knows
  /// better judges each by itself, and an object that an earlier file makes is unknown to it, not wrong.
  private func lint(_ file: MigrationFile, connection: Connection, position: Int) throws(BelayError) -> [Finding] {
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

  // MARK: Pending

  private func pending(applied: [Ledger.Row]) throws(BelayError) -> [MigrationFile] {
    if !request.files.isEmpty {
      let named = try folder.files(named: request.files)
      for file in named {
        if let row = applied.first(where: { $0.name == file.name }) {
          throw BelayError(
            .refused, "the migration \(file.name) is already applied (\(row.words))",
            state: "the database is untouched")
        }
      }
      return named
    }
    let files = try folder.files()
    try refuseChanged(files, applied: applied)
    let done = Set(applied.map(\.name))
    var pending = files.filter { !done.contains($0.name) }
    try refuseOutOfOrder(pending, applied: applied)
    if let to = request.to {
      guard
        let last = files.first(where: { $0.name == to || $0.version.map { isSame($0, to) } == true })
      else {
        throw BelayError(
          .notFound, "there is no migration \(to) in \(folder.path)", state: "the database is untouched")
      }
      pending = pending.filter { $0.name == last.name || MigrationFile.precedes($0.name, last.name) }
    }
    return pending
  }

  /// `7` means the file `0007_posts.sql`.
  private func isSame(_ version: String, _ typed: String) -> Bool {
    version == typed || (Int(typed) != nil && Int(version) == Int(typed))
  }

  private func refuseChanged(_ files: [MigrationFile], applied: [Ledger.Row]) throws(BelayError) {
    let known = Dictionary(applied.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let changed = files.filter { file in
      known[file.name].map { !$0.sha256.isEmpty && $0.sha256 != file.sha256 } ?? false
    }
    guard let first = changed.first, let row = known[first.name] else { return }
    throw BelayError(
      .refused, "the migration \(first.name) was changed after it was applied (\(row.words))",
      hint: "put the old text back, and make the change in a new file", state: "the database is untouched",
      causes: changed.dropFirst().map { "\($0.name) was changed too" })
  }

  private func refuseOutOfOrder(_ pending: [MigrationFile], applied: [Ledger.Row]) throws(BelayError) {
    guard !request.outOfOrder, let newest = applied.last(where: { !MigrationFolder.isDown($0.name) }) else { return }
    let late = pending.filter { MigrationFile.precedes($0.name, newest.name) }
    guard let first = late.first else { return }
    throw BelayError(
      .refused, "the migration \(first.name) is not applied, and sorts before \(newest.name), which is",
      hint: "give it a later name, or apply it with --out-of-order", state: "the database is untouched",
      causes: late.dropFirst().map { "so does \($0.name)" })
  }
}

/// Several files as one text, and the way back from a statement to its file.
private struct Script {
  let text: String
  private let starts: [Int]
  private let lines: [Int]
  private let files: [MigrationFile]

  init(_ files: [MigrationFile]) {
    var text = ""
    var starts: [Int] = []
    var lines: [Int] = []
    var line = 0
    for file in files {
      starts.append(text.utf8.count)
      lines.append(line)
      // The seam ends a last statement that has no semicolon, and a last comment that has no line end.
      let piece = file.sql + "\n;\n"
      text += piece
      line += piece.utf8.count { $0 == UInt8(ascii: "\n") }
    }
    self.text = text
    self.starts = starts
    self.lines = lines
    self.files = files
  }

  func statements(of index: Int, in all: [Statement]) -> [Statement] {
    let start = starts[index]
    let end = index + 1 < starts.count ? starts[index + 1] : text.utf8.count
    return all.filter { $0.offset >= start && $0.offset < end }.map { statement in
      var own = statement
      own.offset -= start
      own.line -= lines[index]
      // A quote or comment that the file does not close swallows the next file: only this one is to blame.
      if own.offset + own.length > files[index].sql.utf8.count + 2 {
        own.flags = [.unread]
        own.note = "a quote or a comment is not closed"
        own.writes = []
      }
      return own
    }
  }
}
