import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// `belay restore ID --into TARGET --table T …`: some tables of an archive into a database; all of them or none where the
/// engine has transactions.
struct TablesRestore {
  let run: Run
  let reader: ArchiveReader
  let request: RestoreRequest

  private var context: RunContext { run.context }
  private var target: String { run.access.redactedURL }

  /// - Returns: what was done, in one line; and what could not be made with the tables, which has been said.
  func restore() throws(BelayError) -> (summary: String, warnings: [String]) {
    let recorded = try DatabaseState.recorded(in: reader)
    let chosen = try recorded.tables(named: request.tables, archive: reader.manifest.id)
    let names = chosen.map(\.tableName.description).joined(separator: ", ")
    let newName = try newName(of: chosen)
    let load = TableLoad(run.connection, context: context)
    let filtered = try filteredRows(of: chosen, recorded)
    defer { filtered?.drop() }
    var notes: [String] = []
    var rows: UInt64 = 0
    do {
      try load.begin()
      var present = try run.connection.catalog(operation: context.stoppable())
      var made: [CatalogTable] = []
      for table in recorded.catalog.parentsFirst(chosen) {
        let restored = try restore(table, of: recorded, filtered, present: present)
        if restored.isNew {
          made.append(table)
          present = try run.connection.catalog(operation: context.stoppable())
        }
        rows += restored.rows
      }
      // When all of them are there, and full: a foreign key may refer to any of them.
      notes = ArchiveLoader(context: context, reader: reader)
        .makeBelongings(of: made, recorded.catalog, in: run.connection, present: present).map {
          "not created with its table: \($0)"
        }
      if request.newName == nil {
        try RestoredCounters(run: run, reader: reader).moveOn(chosen.map(\.tableName))
      }
      try load.commit()
    } catch {
      load.rollBack()
      throw BelayError(
        any: error, doing: "cannot restore \(chosen.count == 1 ? "table" : "the tables") \(names) into \(target)",
        kind: .failed)
    }
    for note in notes { context.log(.warning, note) }
    if let name = newName, let table = chosen.first {
      context.log(.notice, "\(name) has the columns and the primary key of \(table.tableName), and no more")
    }
    try DanglingRows(run: run).tell(of: Set(chosen.map(\.tableName)))
    let summary =
      "restored \(what(names, chosen.count, newName)) of \(reader.manifest.id) into \(target); "
      + "\(Counted.rows(rows)) proven \(request.filter == nil ? "equal" : "to be there")"
    return (summary, notes)
  }

  /// nil: each table keeps its own.
  private func newName(of chosen: [CatalogTable]) throws(BelayError) -> TableName? {
    guard let typed = request.newName, let table = chosen.first else { return nil }
    return try PlainTable(table, named: typed).name()
  }

  private func what(_ names: String, _ count: Int, _ newName: TableName?) -> String {
    let tables = "table\(count == 1 ? "" : "s") \(names)\(newName.map { " as \($0)" } ?? "")"
    return request.filter == nil ? tables : "some rows of \(tables)"
  }

  /// Before the transaction that changes the target; nil: all rows are wanted.
  private func filteredRows(
    of chosen: [CatalogTable], _ recorded: DatabaseState
  ) throws(BelayError) -> FilteredRows? {
    guard let filter = request.filter, let table = chosen.first else { return nil }
    return try FilteredRows(run: run, reader: reader, table: table, recorded: recorded.catalog, filter: filter)
  }

  private struct Restored {
    var rows: UInt64
    /// It was made as the archive has it, but for what belongs to it.
    var isNew = false
  }

  private func restore(
    _ table: CatalogTable, of recorded: DatabaseState, _ filtered: FilteredRows?, present: Catalog
  ) throws -> Restored {
    let loader = ArchiveLoader(context: context, reader: reader)
    if let name = request.newName {
      let place = try PlainTable(table, named: name).make(in: run.connection, present: present, context: context)
      return Restored(rows: try load(table, of: recorded, filtered, into: place, with: loader))
    }
    guard let place = present.table(table.tableName) else {
      try loader.make(table, of: recorded.catalog, in: run.connection, present: present)
      return Restored(rows: try load(table, of: recorded, filtered, into: table, with: loader), isNew: true)
    }
    // Rows that somebody chose may be added to others.
    if request.filter == nil {
      try RowCount(of: place, in: run).refuseFull(
        "restore it beside that with --as NAME, or into another database, or empty it first")
    }
    return Restored(rows: try load(table, of: recorded, filtered, into: table, with: loader))
  }

  /// - Returns: how many rows were loaded, and are there.
  private func load(
    _ table: CatalogTable, of recorded: DatabaseState, _ filtered: FilteredRows?, into place: CatalogTable,
    with loader: ArchiveLoader
  ) throws -> UInt64 {
    guard let filtered else {
      if place.tableName == table.tableName {
        try loader.load(table, of: recorded.catalog, into: run.connection)
      } else {
        try loader.load(table, as: place, into: run.connection)
      }
      try prove(place, is: recorded.tables[table.tableName])
      return recorded.tables[table.tableName]?.rows ?? 0
    }
    let before = try RowCount(of: place, in: run).read()
    var digest = TableDigest()
    try filtered.each { batch in
      digest.add(batch)
      try run.connection.load(batch, into: place, operation: context.stoppable("loading \(place.tableName)"))
    }
    guard before > 0 else {
      try prove(place, is: TableState(rows: digest.rows, digest: digest.hex))
      return digest.rows
    }
    let after = try RowCount(of: place, in: run).read()
    guard after == before + digest.rows else {
      throw BelayError(
        .verificationFailed,
        "table \(place.tableName) had \(Counted.rows(before)), \(digest.rows) were added, and it has \(after) now",
        state: "\(target) is untouched")
    }
    return digest.rows
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
