import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// `belay restore ID --into TARGET [--table T …]`: into a database that is new or empty, or some tables into any.
package struct Restore {
  let context: RunContext
  package let target: Target
  package let request: RestoreRequest

  package func run() -> RunResult {
    do throws(BelayError) {
      let entry = try context.store.archive(request.id)
      let reader = try Verification(context: context).verifyFile(entry, level: .manifest)
      let access = try context.access(target)
      let run = try open(access)
      return run.end(RestoreRun(run: run, reader: reader, request: request).result())
    } catch {
      return RunResult(failure: error)
    }
  }

  /// Single tables go into a database that exists; a whole archive makes its own.
  private func open(_ access: TargetAccess) throws(BelayError) -> Run {
    if request.rowsOnly { return try RunStart(context: context, access: access).begin(.restore, label: "restore") }
    if !request.tables.isEmpty {
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
  package let request: RestoreRequest

  private var context: RunContext { run.context }
  private var target: String { run.access.redactedURL }

  package func result() -> RunResult {
    let archive = reader.manifest.id
    do throws(BelayError) {
      run.report.enter(.restore)
      context.phase(.restore, "\(archive) into \(target)")
      try run.journal.write(
        .restoring(
          archive: archive, url: target,
          table: request.tables.isEmpty ? nil : request.tables.joined(separator: ", ")))
      let (summary, warnings) = try restored()
      try run.journal.write(.restored)
      let unchecked = try Preflight.unchecked(run.connection, context: context)
      for finding in unchecked { context.narrator.tell(.finding(finding)) }
      return RunResult(unchecked.isEmpty && warnings.isEmpty ? .done : .doneWithWarnings, summary, archive: archive)
    } catch {
      var error = error
      if context.cancellation.isCancelled { error = context.interruption().with(state: error.state) }
      if error.state == nil { error.state = "\(target) contains nothing of it" }
      return RunResult(failure: error, archive: archive)
    }
  }

  private func restored() throws(BelayError) -> (summary: String, warnings: [String]) {
    if request.rowsOnly { return try RowsOnlyRestore(run: run, reader: reader, request: request).restore() }
    try refuseOtherEngine()
    if request.tables.isEmpty { return try restoreAll() }
    return try TablesRestore(run: run, reader: reader, request: request).restore()
  }

  /// Drivers of one family share the format of a dump: an archive of one restores with the other.
  private func refuseOtherEngine() throws(BelayError) {
    let recorded = reader.manifest.target.driver
    let driver = run.access.driver.id
    guard driver != recorded,
      ArchiveLoader(context: context, reader: reader).nativeMember(for: run.connection) == nil
    else { return }
    throw BelayError(
      .refused,
      "archive \(reader.manifest.id) was made by the driver \(recorded), but \(target) belongs to the driver \(driver)",
      hint: "--rows-only restores rows into tables that are there; `belay extract` writes tables as CSV, JSON or SQL",
      state: "nothing was changed")
  }

  private func restoreAll() throws(BelayError) -> (summary: String, warnings: [String]) {
    try ArchiveLoader(context: context, reader: reader, proves: true).loadAll(into: run.connection)
    run.report.enter(.prove)
    let proof: Proof
    do {
      proof = try Verification(context: context).prove(
        run.connection, equals: reader, what: "proving", stoppable: true, driver: run.access.driver.id)
    } catch {
      var error = context.cancellation.isCancelled ? context.interruption() : error
      error.state = "\(target) contains the restored data, but it is not proven"
      throw error
    }
    for warning in proof.warnings { context.log(.warning, warning) }
    if let scope = reader.manifest.scope {
      context.log(.notice, "the archive holds a part of its database, without \(scope.leftOut)")
      try DanglingRows(run: run).tell(of: Set(proof.state.tables.keys))
    }
    let summary =
      "restored \(reader.manifest.id) into \(target); schema and \(Counted.all(proof.state.tables.count, "table")) proven equal"
      + proof.state.catalog.computedWords
    return (summary, proof.warnings)
  }
}
