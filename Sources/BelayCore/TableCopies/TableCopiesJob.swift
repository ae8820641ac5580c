import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import Foundation

/// `belay snapshot-table`: makes, lists and drops copies of tables inside their database.
package struct TableCopiesJob {
  let context: RunContext
  package let access: TargetAccess
  package let request: TableCopiesRequest

  package func run() -> RunResult {
    do throws(BelayError) {
      switch request.action {
      case .make(let tables, let keepFor):
        return try inRun { (run) throws(BelayError) in try make(tables, keepFor, run) }
      case .list: return try list()
      case .drop(let names, let confirmed):
        return try removal(confirmed) { (removal) throws(BelayError) in try removal.drop(names) }
      case .prune(let confirmed):
        // Of most targets, each night, there is nothing to drop: no run is made for that.
        let isAnyOver = confirmed ? try isAnyOver() : false
        return try removal(isAnyOver) { (removal) throws(BelayError) in try removal.prune() }
      }
    } catch {
      return RunResult(failure: error)
    }
  }

  private var target: String { access.target.name ?? access.redactedURL }

  /// Under belay's locks, with an entry in the audit log.
  private func inRun(_ body: (Run) throws(BelayError) -> RunResult) throws(BelayError) -> RunResult {
    let run = try RunStart(context: context, access: access)
      .begin(.snapshotTable, label: access.target.name ?? "snapshot-table")
    do throws(BelayError) {
      return run.end(try locked(run, body))
    } catch {
      return run.end(RunResult(failure: error))
    }
  }

  private func locked(_ run: Run, _ body: (Run) throws(BelayError) -> RunResult) throws(BelayError) -> RunResult {
    // Where it is refused, not even the lock is written, which some engines keep in a table.
    _ = try CopyTransaction(run.connection, context: context)
    try run.lock()
    defer { run.unlock() }
    return try body(run)
  }

  // MARK: Make

  private func make(_ tables: [String], _ keepFor: CalendarSpan?, _ run: Run) throws(BelayError) -> RunResult {
    let copies = try TableCopying(run: run, now: Date()).make(tables, keepFor: keepFor)
    for copy in copies { context.narrator.tell(.tableCopy(TableCopyStatus(copy, in: target, .kept))) }
    let rows = Counted.rows(Counted.sum(copies.map(\.state.rows)))
    var lines = copies.map { copy in
      "\(copy.table): \(Counted.rows(copy.state.rows)) in \(copy.name), "
        + (copy.expiresAt.map { "until \($0)" } ?? "until it is dropped")
    }
    let name = copies.count == 1 ? copies.first?.name.description.shellWord : nil
    lines.append("to put \(name == nil ? "the rows of one" : "them") back: \(restoreCommand(name ?? "COPY"))")
    return RunResult(
      .done, "copied \(Counted.text(copies.count, "table")) inside \(access.redactedURL); \(rows) proven equal",
      output: lines)
  }

  private func restoreCommand(_ copy: String) -> String {
    (["belay", "restore", "--from-table", copy, "--into", target.shellWord]
      + context.settings.repeatedOptions).joined(separator: " ")
  }

  // MARK: List

  private func list() throws(BelayError) -> RunResult {
    let connection = try access.open(readOnly: true, scratch: nil, operation: context.opening())
    defer { connection.close() }
    let found = try RecordedCopies(on: connection, context: context)
    let now = Date()
    var rows: [[String]] = []
    for copy in found.copies {
      let state: TableCopyStatus.State =
        found.table(of: copy) == nil ? .gone : copy.isExpired(at: now) ? .expired : .kept
      context.narrator.tell(.tableCopy(TableCopyStatus(copy, in: target, state)))
      rows.append([
        copy.name.description, copy.table.description, String(copy.state.rows), copy.madeAt,
        copy.expiresAt ?? "until dropped", state.rawValue,
      ])
    }
    let count = rows.isEmpty ? "no copy of a table" : rows.count == 1 ? "1 copy" : "\(rows.count) copies"
    let result = RunResult(.done, "\(target): \(count)")
    guard !rows.isEmpty else { return result }
    return result.printing([
      .table(TextTable(header: ["copy", "table", "rows", "made at", "kept until", "state"], rows: rows, whole: 0))
    ])
  }

  // MARK: Drop, prune

  private func isAnyOver() throws(BelayError) -> Bool {
    let connection = try access.open(readOnly: true, scratch: nil, operation: context.opening())
    defer { connection.close() }
    let recorded = try RecordedCopies(on: connection, context: context)
    return recorded.copies.contains { $0.isExpired(at: Date()) || recorded.table(of: $0) == nil }
  }

  /// What is only to be shown needs no run, and a connection that cannot write.
  private func removal(
    _ confirmed: Bool, _ body: (CopyRemoval) throws(BelayError) -> RunResult
  ) throws(BelayError) -> RunResult {
    guard confirmed else {
      let connection = try access.open(readOnly: true, scratch: nil, operation: context.opening())
      defer { connection.close() }
      return try body(
        CopyRemoval(connection: connection, context: context, target: target, confirmed: false, now: Date()))
    }
    return try inRun { (run) throws(BelayError) in
      try body(CopyRemoval(connection: run.connection, context: context, target: target, confirmed: true, now: Date()))
    }
  }
}

extension TableCopyStatus {
  init(_ copy: TableCopy, in target: String, _ state: State) {
    self.init(
      target: target, schema: copy.name.schema, name: copy.name.name, tableSchema: copy.table.schema,
      table: copy.table.name, rows: copy.state.rows, digest: copy.state.digest, madeAt: copy.madeAt,
      expiresAt: copy.expiresAt, run: copy.run, madeBy: copy.madeBy, belayVersion: copy.belayVersion, state: state)
  }
}
