import BelayArchive
import BelayBase
import BelayDatabase
import BelayDifference
import BelayDrivers
import BelayRuns
import BelayStore
import CBelayDriver
import SystemPackage

/// `belay diff --data`: row by row. Each side of a table is sorted, and then both are gone through at once, so that memory
/// does not follow the table's size.
struct DataDiff {
  let context: RunContext
  let request: DiffRequest
  let output: FileDescriptor
  let first: DiffSide
  let second: DiffSide

  func result() throws(BelayError) -> RunResult {
    let names = try chosenTables()
    var written: UInt64 = 0
    var differing = 0
    for (index, name) in names.enumerated() {
      tell(index, of: names.count)
      do {
        if let form = request.form {
          written += try write(name, as: form)
        } else {
          let difference = try difference(name)
          context.narrator.tell(.difference(difference))
          if !difference.isEqual { differing += 1 }
        }
      } catch Errno.brokenPipe {
        return RunResult(
          .done, "wrote the first rows that only \(first.name) contains: whoever read them wanted no more")
      } catch let error as SpillError {
        throw BelayError(
          .failed, "cannot compare table \(name)",
          hint: error.isDiskFull ? "free some space there, or choose another folder with --store" : nil,
          causes: [error.description])
      } catch {
        throw BelayError(any: error, doing: "cannot compare table \(name)", kind: .failed)
      }
    }
    tell(names.count, of: names.count)
    let archive = first.name
    if request.form != nil {
      return RunResult(
        .done, "wrote \(Counted.rows(written)) that only \(archive) contains and \(second.name) does not",
        archive: archive)
    }
    let tables = Counted.text(names.count, "table")
    guard differing > 0 else {
      return RunResult(.done, "no row of \(tables) differs between \(archive) and \(second.name)", archive: archive)
    }
    return RunResult(
      .doneWithWarnings,
      "\(differing) of \(tables) \(differing == 1 ? "differs" : "differ") between \(archive) and \(second.name)",
      archive: archive)
  }

  private func tell(_ done: Int, of total: Int) {
    context.narrator.tell(
      .progress(ProgressUpdate(what: "comparing", done: UInt64(done), total: UInt64(total), unit: .steps)))
  }

  // MARK: Tables

  /// In the catalog's order. What the engine keeps by itself, and belay's own lock, are left out where nobody names them.
  private func chosenTables() throws(BelayError) -> [TableName] {
    let tables = first.catalog.tables + second.catalog.tables
    guard request.tables.isEmpty else {
      var chosen: Set<TableName> = []
      for name in request.tables { chosen.insert(try table(named: name)) }
      return unique(tables.map(\.tableName).filter(chosen.contains))
    }
    let usual = tables.filter { table in
      table.hasRows && table.flags.isDisjoint(with: [.internal, .shadow]) && !table.object.isOfLockTable
    }
    return unique(usual.map(\.tableName))
  }

  private func table(named name: String) throws(BelayError) -> TableName {
    do throws(BelayError) {
      return try DatabaseState(catalog: first.catalog, tables: [:]).table(named: name, archive: first.name).tableName
    } catch {
      let other = DatabaseState(catalog: second.catalog, tables: [:])
      if let found = try? other.table(named: name, archive: second.name) { return found.tableName }
      throw error
    }
  }

  private func unique(_ names: [TableName]) -> [TableName] {
    var seen: Set<TableName> = []
    return names.filter { seen.insert($0).inserted }
  }

  private func match(_ name: TableName) throws(BelayError) -> (TableMatch, CatalogTable?, CatalogTable?) {
    let (left, right) = (first.catalog.tableWithRows(name), second.catalog.tableWithRows(name))
    guard let match = TableMatch(left, right) else {
      throw BelayError(.notFound, "table \(name) has no rows of its own", hint: "name the table that holds them")
    }
    return (match, left, right)
  }

  // MARK: Rows

  private func difference(_ name: TableName) throws -> TableDifference {
    let (match, left, right) = try match(name)
    var difference = TableDifference(
      schema: name.schema, table: name.name, first: first.name, second: second.name, key: match.key)
    difference.uncompared = match.uncompared
    if let equal = recordedAsEqual(left, right) {
      difference.equal = equal
      return difference
    }
    let counts = try compare(match, left, right) { found in
      guard difference.rows.count < request.rows else { return }
      difference.rows.append(Self.shown(found, match.table))
    }
    difference.equal = counts.equal
    difference.onlyFirst = counts.onlyFirst
    difference.onlySecond = counts.onlySecond
    difference.different = counts.different
    return difference
  }

  /// Of two archives that record the same digest, neither has to be read.
  private func recordedAsEqual(_ left: CatalogTable?, _ right: CatalogTable?) -> UInt64? {
    guard let left, let right, left.storedColumns.map(\.name) == right.storedColumns.map(\.name),
      let one = first.recorded(left.tableName), let other = second.recorded(right.tableName),
      one.rows == other.rows, one.digest == other.digest
    else { return nil }
    return one.rows
  }

  private func write(_ name: TableName, as form: ExtractRequest.Form) throws -> UInt64 {
    let (match, left, right) = try match(name)
    var writer = RowsWriter(
      form: form, table: match.table, traits: second.traits, hexText: second.hexText, output: output)
    if recordedAsEqual(left, right) == nil {
      _ = try compare(match, left, right) { found in
        guard case .onlyFirst(let row) = found else { return }
        try row.withBatch(columns: match.table.columns.count) { try writer.add($0) }
      }
    }
    try writer.finish()
    return writer.rows
  }

  private func compare(
    _ match: TableMatch, _ left: CatalogTable?, _ right: CatalogTable?, _ body: (RowDifference) throws -> Void
  ) throws -> RowCounts {
    let one = try sorted(left, of: first, match.first)
    let other = try sorted(right, of: second, match.second)
    return try RowCounts(of: one, and: other) { found in
      try context.checkCancelled()
      try body(found)
    }
  }

  private func sorted(_ table: CatalogTable?, of side: DiffSide, _ shape: RowShape) throws -> any RowSource {
    let sorter = RowSorter(folder: context.store.runs.root)
    if let table {
      try side.read(table, context: context) { batch in try shape.eachRecord(of: batch) { try sorter.add($0) } }
    }
    return try sorter.sorted()
  }

  private static func shown(_ difference: RowDifference, _ table: CatalogTable) -> TableDifference.Row {
    switch difference {
    case .onlyFirst(let row): .init(first: json(row, table))
    case .onlySecond(let row): .init(second: json(row, table))
    case .different(let one, let other): .init(first: json(one, table), second: json(other, table))
    }
  }

  private static func json(_ row: RowRecord, _ table: CatalogTable) -> String {
    row.withBatch(columns: table.columns.count) { RowJSONEncoder.text(ofRow: $0, columns: table.columns.map(\.name)) }
  }
}
