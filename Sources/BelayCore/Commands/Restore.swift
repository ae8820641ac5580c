import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// `belay restore ID --into TARGET [--table T]`: into a database that is new or empty, or one table into any.
package struct Restore {
  let context: RunContext
  package let target: Target
  package let request: RestoreRequest

  package func run() -> RunResult {
    do throws(BelayError) {
      let entry = try context.store.archives.resolve(request.id)
      let reader = try Verification(context: context).verifyFile(entry, level: .manifest)
      let access = try context.access(target)
      guard access.driver.id == reader.manifest.target.driver else {
        throw BelayError(
          .refused,
          "archive \(entry.id) was made by the driver \(reader.manifest.target.driver), but \(access.redactedURL) belongs to the driver \(access.driver.id)",
          hint: "use `belay extract` to get tables as CSV, JSON or SQL", state: "nothing was changed")
      }
      let run = try open(access)
      return run.end(RestoreRun(run: run, reader: reader, table: request.table).result())
    } catch {
      return RunResult(failure: error)
    }
  }

  /// One table goes into a database that exists; a whole archive makes its own.
  private func open(_ access: TargetAccess) throws(BelayError) -> Run {
    if request.table != nil {
      do {
        return try RunStart(context: context, access: access).begin(.restore, label: "restore")
      } catch  where error.kind != .cannotOpen {
        throw error
      } catch {
        // Not there, most likely; if it is something else, making it fails too and says why.
      }
    }
    return try RunStart(context: context, access: access).begin(.restore, label: "restore", create: true)
  }
}

package struct RestoreRun {
  package let run: Run
  package let reader: ArchiveReader
  package let table: String?

  private var context: RunContext { run.context }
  private var target: String { run.access.redactedURL }

  package func result() -> RunResult {
    let archive = reader.manifest.id
    do throws(BelayError) {
      run.report.enter(.restore)
      context.phase(.restore, "\(archive) into \(target)")
      try run.journal.write(.restoring(archive: archive, url: target, table: table))
      var warnings: [String] = []
      let summary: String
      if let table { summary = try restoreTable(table) } else { (summary, warnings) = try restoreAll() }
      try run.journal.write(.restored)
      return RunResult(warnings.isEmpty ? .done : .doneWithWarnings, summary, archive: archive)
    } catch {
      var error = error
      if context.cancellation.isCancelled { error = context.interruption().with(state: error.state) }
      if error.state == nil { error.state = "\(target) contains nothing of it" }
      return RunResult(failure: error, archive: archive)
    }
  }

  private func restoreAll() throws(BelayError) -> (summary: String, warnings: [String]) {
    try ArchiveLoader(context: context, reader: reader, proves: true).loadAll(into: run.connection)
    run.report.enter(.prove)
    let proof: Proof
    do {
      proof = try Verification(context: context).prove(
        run.connection, equals: reader, what: "proving", stoppable: true)
    } catch {
      var error = context.cancellation.isCancelled ? context.interruption() : error
      error.state = "\(target) contains the restored data, but it is not proven"
      throw error
    }
    for warning in proof.warnings { context.log(.warning, warning) }
    let summary =
      "restored \(reader.manifest.id) into \(target); schema and all \(proof.state.tables.count) tables proven equal"
    return (summary, proof.warnings)
  }

  private func restoreTable(_ name: String) throws(BelayError) -> String {
    let recorded = try DatabaseState.recorded(in: reader)
    let wanted = try recorded.table(named: name, archive: reader.manifest.id)
    let loader = ArchiveLoader(context: context, reader: reader)
    var missing: [String] = []
    do {
      try begin()
      let present = try run.connection.catalog(operation: context.stoppable())
      let isNew = !present.tables.contains { $0.tableName == wanted.tableName }
      if isNew {
        try loader.make(wanted, of: recorded.catalog, in: run.connection, present: present)
      } else {
        try refuseFull(wanted)
      }
      try loader.load(wanted, into: run.connection)
      if isNew { missing = loader.makeBelongings(of: wanted, recorded.catalog, in: run.connection) }
      try prove(wanted, is: recorded.tables[wanted.tableName])
      if run.connection.traits.hasTransactions {
        _ = try run.connection.execute(run.connection.traits.commit, operation: context.stoppable())
      }
    } catch {
      if run.connection.traits.hasTransactions {
        _ = try? run.connection.execute(run.connection.traits.rollback, operation: context.unstoppable())
      }
      throw BelayError(any: error, doing: "cannot restore table \(name) into \(target)", kind: .failed)
    }
    for object in missing { context.log(.warning, "not created with table \(wanted.tableName): \(object)") }
    let rows = recorded.tables[wanted.tableName]?.rows ?? 0
    return "restored table \(wanted.tableName) of \(reader.manifest.id) into \(target); \(rows) rows proven equal"
  }

  private func begin() throws(DriverError) {
    guard run.connection.traits.hasTransactions else { return }
    _ = try run.connection.execute(run.connection.traits.begin, operation: context.stoppable())
  }

  private func refuseFull(_ table: CatalogTable) throws {
    let name = run.connection.traits.quoted(schema: table.schema, name: table.name)
    let values = try run.connection.values("SELECT count(*) FROM \(name)", operation: context.stoppable())
    guard case .integer(let count)? = values.first?.first, count > 0 else { return }
    throw BelayError(
      .refused, "table \(table.tableName) in \(target) already contains \(count) rows",
      hint: "restore it into another database, or empty it first", state: "\(target) is untouched")
  }

  private func prove(_ table: CatalogTable, is expected: TableState?) throws {
    var digest = TableDigest()
    try run.connection.read(table, operation: context.stoppable("proving"), rows: { digest.add($0) })
    let found = TableState(rows: digest.rows, digest: digest.hex)
    guard found == expected else {
      throw BelayError(
        .verificationFailed,
        "the restored table \(table.tableName) differs from the archive (\(found.rows) rows, expected \(expected?.rows ?? 0))",
        state: "\(target) is untouched")
    }
  }
}
