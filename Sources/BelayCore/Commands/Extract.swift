import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import CBelayDriver
import Foundation
import SystemPackage

/// `belay extract ID --table T`: the rows of one table out of an archive, as CSV, JSON or SQL.
package struct Extract {
  private let context: RunContext
  private let request: ExtractRequest
  private let output: FileDescriptor

  /// - Parameter output: where the rows go; stays open.
  package init(context: RunContext, request: ExtractRequest, output: FileDescriptor) {
    self.context = context
    self.request = request
    self.output = output
  }

  /// Without a filter: the archive alone, no driver.
  package func run() -> RunResult {
    do throws(BelayError) {
      let (reader, table, _) = try find()
      var writer = RowsWriter(form: request.form, table: table, traits: nil, output: output)
      do {
        try reader.eachBatch(of: try member(of: table, in: reader)) { batch in
          try context.checkCancelled()
          try writer.add(batch)
        }
        try writer.finish()
      } catch {
        throw BelayError(any: error, doing: "cannot extract table \(request.table)", kind: .failed)
      }
      return RunResult(.done, "extracted \(Counted.rows(writer.rows)) of \(request.table) from \(reader.manifest.id)")
    } catch {
      return RunResult(failure: error)
    }
  }

  /// With a filter: the table is loaded into a scratch database, and the engine chooses the rows.
  package func run(filter: String, access: TargetAccess) -> RunResult {
    do throws(BelayError) {
      let (reader, table, recorded) = try find()
      try context.store.runs.prepare()
      let folder = context.store.runs.runsFolder.appending("extract-\(getpid())")
      defer { try? FileManager.default.removeItem(atPath: folder.string) }  // scratch only
      do throws(Errno) { try Durable.makeFolder(folder) } catch {
        throw BelayError(.failed, "cannot create \(folder)", causes: [error.description])
      }
      // Not read-only: nothing is written to it, and yet a database is made beside it.
      let target = try access.open(scratch: folder, operation: context.opening())
      defer { target.close() }
      guard target.hasScratch else {
        throw BelayError(
          .failed, "the driver \(access.driver.id) has no scratch databases, but --where needs one",
          hint: "extract the whole table, and filter the result")
      }
      return try select(
        filter, from: table, of: recorded, reader: reader, access: access, target: target, folder: folder)
    } catch {
      return RunResult(failure: error)
    }
  }

  private func select(
    _ filter: String, from table: CatalogTable, of recorded: Catalog, reader: ArchiveReader, access: TargetAccess,
    target: Connection, folder: FilePath
  ) throws(BelayError) -> RunResult {
    do {
      let url = try target.createScratch(name: "extract-\(getpid())", operation: context.stoppable())
      defer { try? target.dropScratch(url, operation: context.unstoppable()) }  // its folder goes too
      let scratch = try access.open(url, scratch: folder, operation: context.opening())
      defer { scratch.close() }
      try ArchiveLoader(context: context, reader: reader).loadAlone(table, of: recorded, into: scratch)
      var writer = RowsWriter(form: request.form, table: table, traits: scratch.traits, output: output)
      try scratch.query(
        table.selectStatement(scratch.traits) + " WHERE (\(filter))", operation: context.stoppable(),
        rows: { try writer.add($0) })
      try writer.finish()
      return RunResult(.done, "extracted \(Counted.rows(writer.rows)) of \(request.table) from \(reader.manifest.id)")
    } catch {
      throw BelayError(any: error, doing: "cannot extract from table \(request.table)", kind: .failed)
    }
  }

  private func find() throws(BelayError) -> (ArchiveReader, CatalogTable, recorded: Catalog) {
    let reader = try context.store.archives.resolve(request.id).open()
    let state = try DatabaseState.recorded(in: reader)
    return (reader, try state.table(named: request.table, archive: reader.manifest.id), state.catalog)
  }

  private func member(of table: CatalogTable, in reader: ArchiveReader) throws(BelayError) -> String {
    guard let member = reader.manifest.member(.csv, table: table.tableName) else {
      throw BelayError(
        .notFound, "archive \(reader.manifest.id) contains no CSV of table \(table.tableName)",
        hint: "restore the whole archive: belay restore \(reader.manifest.id) --into URL")
    }
    return member.name
  }
}
