import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
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
      if request.form == .csv { return try copy(try member(of: table, in: reader), of: table, from: reader) }
      var writer = RowsWriter(form: request.form, table: table, traits: nil, output: output)
      do {
        try reader.eachBatch(of: try member(of: table, in: reader), mostBytes: Self.largestRow) { batch in
          try context.checkCancelled()
          try writer.add(batch)
        }
        try writer.finish()
      } catch Errno.brokenPipe {
        return readerIsGone(reader)
      } catch {
        var failure = BelayError(any: error, doing: "cannot extract table \(request.table)", kind: .failed)
        if (error as? ArchiveError)?.kind == .malformed { failure.hint = "--as csv writes it as the archive holds it" }
        throw failure
      }
      return RunResult(.done, "extracted \(Counted.rows(writer.rows)) of \(request.table) from \(reader.manifest.id)")
    } catch {
      return RunResult(failure: error)
    }
  }

  /// A row is made anew from memory for JSON and SQL. More than that is a value that nobody reads in these forms, or an
  /// archive that somebody made to fill the memory.
  private static let largestRow = 128 << 20

  /// The archive's CSV as it is: however large a value is, no more than a piece of it is in memory.
  private func copy(
    _ member: String, of table: CatalogTable, from reader: ArchiveReader
  ) throws(BelayError) -> RunResult {
    do {
      try reader.read(member) { bytes in
        try context.checkCancelled()
        _ = try output.writeAll(bytes)
      }
    } catch Errno.brokenPipe {
      return readerIsGone(reader)
    } catch {
      throw BelayError(any: error, doing: "cannot extract table \(request.table)", kind: .failed)
    }
    let rows = reader.manifest.table(table.tableName)?.rows ?? 0
    return RunResult(.done, "extracted \(Counted.rows(rows)) of \(request.table) from \(reader.manifest.id)")
  }

  /// With a filter: the table is loaded into a scratch database, and the engine chooses the rows.
  package func run(filter: String, access: TargetAccess) -> RunResult {
    do throws(BelayError) {
      let found = try find()
      let run = try RunStart(context: context, access: access).begin(.extract, label: "extract")
      return run.end(select(filter, found, run: run))
    } catch {
      return RunResult(failure: error)
    }
  }

  private func select(
    _ filter: String, _ found: (reader: ArchiveReader, table: CatalogTable, recorded: Catalog), run: Run
  ) -> RunResult {
    do throws(BelayError) {
      guard run.connection.hasScratch else {
        throw BelayError(
          .failed, "the driver \(run.access.driver.id) has no scratch databases, but --where needs one",
          hint: "extract the whole table, and filter the result")
      }
      let scratch = try Scratch.create(
        name: ScratchName.copy(of: run.id), access: run.access, target: run.connection, journal: run.journal,
        folder: run.scratchFolder, context: context)
      defer { scratch.drop() }
      return try select(filter, found, from: scratch)
    } catch {
      return RunResult(failure: context.cancellation.isCancelled ? context.interruption() : error)
    }
  }

  private func select(
    _ filter: String, _ found: (reader: ArchiveReader, table: CatalogTable, recorded: Catalog), from scratch: Scratch
  ) throws(BelayError) -> RunResult {
    let (reader, table, recorded) = found
    do {
      let connection = try scratch.open(operation: context.opening())
      defer { connection.close() }
      let loader = ArchiveLoader(context: context, reader: reader)
      if RowFilter(filter).mayNameOthers(than: table, in: recorded) {
        try loader.loadAll(into: connection)
      } else {
        try loader.loadAlone(table, of: recorded, into: connection)
      }
      var writer = RowsWriter(form: request.form, table: table, traits: connection.traits, output: output)
      do {
        try connection.query(
          table.selectStatement(connection.traits) + " WHERE (\(filter)\n)", operation: context.stoppable(),
          rows: { try writer.add($0) })
        try writer.finish()
      } catch Errno.brokenPipe {
        return readerIsGone(reader)
      }
      return RunResult(.done, "extracted \(Counted.rows(writer.rows)) of \(request.table) from \(reader.manifest.id)")
    } catch {
      throw BelayError(any: error, doing: "cannot extract from table \(request.table)", kind: .failed)
    }
  }

  /// `belay extract … | head` has what it wanted.
  private func readerIsGone(_ reader: ArchiveReader) -> RunResult {
    RunResult(
      .done,
      "extracted the first rows of \(request.table) from \(reader.manifest.id): whoever read them wanted no more")
  }

  private func find() throws(BelayError) -> (ArchiveReader, CatalogTable, recorded: Catalog) {
    let reader = try context.store.archive(request.id).open(with: context.keys)
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
