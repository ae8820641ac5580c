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
      guard access.driver.id == reader.manifest.target.driver else {
        throw BelayError(
          .refused,
          "archive \(entry.id) was made by the driver \(reader.manifest.target.driver), but \(access.redactedURL) belongs to the driver \(access.driver.id)",
          hint: "use `belay extract` to get tables as CSV, JSON or SQL", state: "nothing was changed")
      }
      let run = try open(access)
      return run.end(RestoreRun(run: run, reader: reader, tables: request.tables).result())
    } catch {
      return RunResult(failure: error)
    }
  }

  /// Single tables go into a database that exists; a whole archive makes its own.
  private func open(_ access: TargetAccess) throws(BelayError) -> Run {
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
  /// As they are typed; empty: all of the archive.
  package let tables: [String]

  private var context: RunContext { run.context }
  private var target: String { run.access.redactedURL }

  package func result() -> RunResult {
    let archive = reader.manifest.id
    do throws(BelayError) {
      run.report.enter(.restore)
      context.phase(.restore, "\(archive) into \(target)")
      try run.journal.write(
        .restoring(archive: archive, url: target, table: tables.isEmpty ? nil : tables.joined(separator: ", ")))
      var warnings: [String] = []
      let summary: String
      if tables.isEmpty { (summary, warnings) = try restoreAll() } else { summary = try restoreTables() }
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
      + proof.state.catalog.computedWords
    return (summary, proof.warnings)
  }

  /// All of them or none where the engine has transactions.
  private func restoreTables() throws(BelayError) -> String {
    let recorded = try DatabaseState.recorded(in: reader)
    var wanted: Set<TableName> = []
    for name in tables { wanted.insert(try recorded.table(named: name, archive: reader.manifest.id).tableName) }
    // In the catalog's order, in which one may need those before it.
    let chosen = recorded.catalog.tables.filter { wanted.contains($0.tableName) }
    let names = chosen.map(\.tableName.description).joined(separator: ", ")
    let load = TableLoad(run.connection, context: context)
    var missing: [String] = []
    do {
      try load.begin()
      let present = try run.connection.catalog(operation: context.stoppable())
      for table in chosen { missing += try restore(table, of: recorded, present: present) }
      try load.commit()
    } catch {
      load.rollBack()
      throw BelayError(
        any: error, doing: "cannot restore \(chosen.count == 1 ? "table" : "the tables") \(names) into \(target)",
        kind: .failed)
    }
    for object in missing { context.log(.warning, object) }
    try tellDangling(wanted)
    let rows = Counted.sum(chosen.compactMap { recorded.tables[$0.tableName]?.rows })
    return "restored table\(chosen.count == 1 ? "" : "s") \(names) of \(reader.manifest.id) into \(target); "
      + "\(Counted.rows(rows)) proven equal"
  }

  /// - Returns: what belongs to the table and could not be made.
  private func restore(
    _ table: CatalogTable, of recorded: DatabaseState, present: Catalog
  ) throws -> [String] {
    let loader = ArchiveLoader(context: context, reader: reader)
    let isNew = !present.tables.contains { $0.tableName == table.tableName }
    if isNew {
      try loader.make(table, of: recorded.catalog, in: run.connection, present: present)
    } else {
      try refuseFull(table)
    }
    try loader.load(table, of: recorded.catalog, into: run.connection)
    let missing = isNew ? loader.makeBelongings(of: table, recorded.catalog, in: run.connection) : []
    try prove(table, is: recorded.tables[table.tableName])
    return missing.map { "not created with table \(table.tableName): \($0)" }
  }

  /// Rows whose parents are not there: the tables were wanted alone, and they are as the archive has them.
  private func tellDangling(_ tables: Set<TableName>) throws(BelayError) {
    let found: [IntegrityFinding]
    do {
      found = try run.connection.integrity(full: false, operation: context.stoppable("checking foreign keys")) ?? []
    } catch {
      return context.log(.warning, "foreign keys could not be checked: \(error.message)")
    }
    let names = Set(tables.map(\.name))
    let dangling = found.filter { $0.check == IntegrityFinding.foreignKey && names.contains($0.object) }
    for (table, findings) in Dictionary(grouping: dangling, by: \.object).sorted(by: { $0.key < $1.key }) {
      let count = findings.count == 1 ? "1 row of \(table) refers" : "\(findings.count) rows of \(table) refer"
      let example = findings.first.map { ", e.g. \($0.message)" } ?? ""
      context.log(.warning, "\(count) to rows that are not there\(example)")
    }
  }

  private func refuseFull(_ table: CatalogTable) throws {
    let name = run.connection.traits.quoted(schema: table.schema, name: table.name)
    let values = try run.connection.values("SELECT count(*) FROM \(name)", operation: context.stoppable())
    guard case .integer(let count)? = values.first?.first, count > 0 else { return }
    throw BelayError(
      .refused, "table \(table.tableName) in \(target) already contains \(Counted.rows(count))",
      hint: "restore it into another database, or empty it first", state: "\(target) is untouched")
  }

  private func prove(_ table: CatalogTable, is expected: TableState?) throws {
    var digest = TableDigest()
    try run.connection.read(table, operation: context.stoppable("proving"), rows: { digest.add($0) })
    let found = TableState(rows: digest.rows, digest: digest.hex)
    guard found == expected else {
      throw BelayError(
        .verificationFailed,
        "the restored table \(table.tableName) differs from the archive (\(Counted.rows(found.rows)), expected \(expected?.rows ?? 0))",
        state: "\(target) is untouched")
    }
  }
}
