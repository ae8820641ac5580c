import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import CBelayDriver
import SystemPackage

/// `belay extract ID --table T …`: the rows of tables out of an archive, as CSV, JSON or SQL.
package struct Extract {
  private let context: RunContext
  private let request: ExtractRequest
  private let output: FileDescriptor

  /// - Parameter output: where the rows go, if the request names no folder; stays open.
  package init(context: RunContext, request: ExtractRequest, output: FileDescriptor) {
    self.context = context
    self.request = request
    self.output = output
  }

  /// Without a filter: the archive alone, no driver.
  package func run() -> RunResult {
    do throws(BelayError) {
      let found = try find()
      var rows: UInt64 = 0
      for table in found.tables {
        guard
          let written = try placed(
            table,
            { output throws(BelayError) in
              try write(table, from: found.reader, to: output)
            })
        else { return readerIsGone(found.reader) }
        rows += written
      }
      return done(rows, found.reader)
    } catch {
      return RunResult(failure: error)
    }
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

  private func select(_ filter: String, _ found: Found, run: Run) -> RunResult {
    do throws(BelayError) {
      guard let table = found.tables.first else { return done(0, found.reader) }
      let rows = try FilteredRows(
        run: run, reader: found.reader, table: table, recorded: found.recorded, filter: filter)
      defer { rows.drop() }
      let written = try placed(table) { output throws(BelayError) in
        try write(table, traits: run.connection.traits, to: output) { body in try rows.each(body) }
      }
      return written.map { done($0, found.reader) } ?? readerIsGone(found.reader)
    } catch {
      return RunResult(failure: context.cancellation.isCancelled ? context.interruption() : error)
    }
  }

  // MARK: Rows

  /// A row is made anew from memory for JSON and SQL. More than that is a value that nobody reads in these forms, or an
  /// archive that somebody made to fill the memory.
  private static let largestRow = 128 << 20

  /// - Returns: how many rows were written; nil: whoever reads them wants no more.
  private func write(
    _ table: CatalogTable, from reader: ArchiveReader, to output: FileDescriptor
  ) throws(BelayError) -> UInt64? {
    let member = try member(of: table, in: reader)
    if request.form == .csv { return try copy(member, of: table, from: reader, to: output) }
    return try write(table, traits: nil, hexText: reader.manifest.target.hexText, to: output) { body in
      try reader.eachBatch(of: member, mostBytes: Self.largestRow) { batch in
        try context.checkCancelled()
        try body(batch)
      }
    }
  }

  private func write(
    _ table: CatalogTable, traits: Traits?, hexText: String? = nil, to output: FileDescriptor,
    _ each: (_ body: (belay_batch) throws -> Void) throws -> Void
  ) throws(BelayError) -> UInt64? {
    var writer = RowsWriter(form: request.form, table: table, traits: traits, hexText: hexText, output: output)
    do {
      try each { try writer.add($0) }
      try writer.finish()
      return writer.rows
    } catch Errno.brokenPipe {
      return nil
    } catch {
      var failure = BelayError(any: error, doing: "cannot extract table \(table.tableName)", kind: .failed)
      if (error as? ArchiveError)?.kind == .malformed { failure.hint = "--as csv writes it as the archive holds it" }
      throw failure
    }
  }

  /// The archive's CSV as it is: however large a value is, no more than a piece of it is in memory.
  private func copy(
    _ member: String, of table: CatalogTable, from reader: ArchiveReader, to output: FileDescriptor
  ) throws(BelayError) -> UInt64? {
    do {
      try reader.read(member) { bytes in
        try context.checkCancelled()
        _ = try output.writeAll(bytes)
      }
      return reader.manifest.table(table.tableName)?.rows ?? 0
    } catch Errno.brokenPipe {
      return nil
    } catch {
      throw BelayError(any: error, doing: "cannot extract table \(table.tableName)", kind: .failed)
    }
  }

  /// To a file of its own, or to what all tables go to.
  private func placed(
    _ table: CatalogTable, _ write: (FileDescriptor) throws(BelayError) -> UInt64?
  ) throws(BelayError) -> UInt64? {
    guard let folder = request.folder else { return try write(output) }
    return try ExtractedFile(of: table, request.form, in: FilePath(folder)).write(write)
  }

  // MARK: Words

  private func done(_ rows: UInt64, _ reader: ArchiveReader) -> RunResult {
    let place = request.folder.map { " into \($0)" } ?? ""
    return RunResult(.done, "extracted \(Counted.rows(rows)) of \(names) from \(reader.manifest.id)\(place)")
  }

  /// `belay extract … | head` has what it wanted.
  private func readerIsGone(_ reader: ArchiveReader) -> RunResult {
    RunResult(
      .done, "extracted the first rows of \(names) from \(reader.manifest.id): whoever read them wanted no more")
  }

  private var names: String { request.tables.joined(separator: ", ") }

  // MARK: The archive

  private struct Found {
    let reader: ArchiveReader
    /// Those that others refer to come first, as whoever loads them needs them.
    let tables: [CatalogTable]
    let recorded: Catalog
  }

  private func find() throws(BelayError) -> Found {
    let reader = try context.store.archive(request.id).open(with: context.keys)
    let state = try DatabaseState.recorded(in: reader)
    var tables: [CatalogTable] = []
    for name in request.tables {
      let table = try state.table(named: name, archive: reader.manifest.id)
      if !tables.contains(where: { $0.tableName == table.tableName }) { tables.append(table) }
    }
    return Found(reader: reader, tables: state.catalog.parentsFirst(tables), recorded: state.catalog)
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
