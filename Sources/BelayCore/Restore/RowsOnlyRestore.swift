import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRows
import BelayRuns
import CBelayDriver

/// `belay restore ID --into TARGET --rows-only`: the rows of an archive, of whatever engine, into tables that exist and are
/// empty. Tables and columns go by their names. All of them or none where the engine has transactions.
struct RowsOnlyRestore {
  let run: Run
  let reader: ArchiveReader
  let request: RestoreRequest

  private var context: RunContext { run.context }
  private var target: String { run.access.redactedURL }

  /// A table of the archive, and the one that takes its rows.
  private struct Match {
    let source: CatalogTable
    /// The target's table, with the columns that both have, in the archive's order.
    let place: CatalogTable
    /// Where these columns stand in a row of the archive.
    let places: [Int]
  }

  func restore() throws(BelayError) -> (summary: String, warnings: [String]) {
    let recorded = try DatabaseState.recorded(in: reader)
    let present: Catalog
    do {
      present = try run.connection.catalog(operation: context.stoppable())
    } catch {
      throw BelayError(error, doing: "cannot read the schema of \(target)", kind: .failed)
    }
    let (matches, losses) = try matches(of: recorded, in: present)
    try refuse(losses)
    guard !matches.isEmpty else {
      throw BelayError(
        .notFound, "\(target) has no table of the archive \(reader.manifest.id)",
        hint: "make its tables first, for example with your migrations", state: "nothing was changed")
    }
    return try load(matches, present, losses)
  }

  // MARK: What fits

  private func matches(
    of recorded: DatabaseState, in present: Catalog
  ) throws(BelayError) -> ([Match], losses: [String]) {
    var matches: [Match] = []
    var losses: [String] = []
    for source in try chosen(recorded) {
      let rows = recorded.tables[source.tableName]?.rows ?? 0
      guard let place = counterpart(of: source, in: present) else {
        losses.append("table \(source.tableName) with \(Counted.rows(rows)): \(target) has no such table")
        continue
      }
      var columns: [SchemaObject] = []
      var places: [Int] = []
      for (index, column) in source.storedColumns.enumerated() {
        if let same = place.storedColumns.first(where: { $0.name == column.name }) {
          columns.append(same)
          places.append(index)
        } else if !column.flags.contains(.implicit) {
          losses.append("column \(column.name) of table \(source.tableName): \(place.tableName) has no such column")
        }
      }
      matches.append(
        Match(source: source, place: CatalogTable(object: place.object, columns: columns), places: places))
    }
    return (matches, losses)
  }

  private func chosen(_ recorded: DatabaseState) throws(BelayError) -> [CatalogTable] {
    guard request.tables.isEmpty else {
      return try recorded.tables(named: request.tables, archive: reader.manifest.id)
    }
    return recorded.catalog.tables.filter {
      $0.hasRows && $0.flags.isDisjoint(with: [.internal, .shadow]) && !$0.object.isOfLockTable
    }
  }

  /// Of the same name and schema; else the only one of that name, since engines have schemas or have none.
  private func counterpart(of table: CatalogTable, in present: Catalog) -> CatalogTable? {
    let named = present.tables.filter { $0.name == table.name && $0.hasRows }
    return named.first { $0.schema == table.schema } ?? (named.count == 1 ? named.first : nil)
  }

  private func refuse(_ losses: [String]) throws(BelayError) {
    guard !losses.isEmpty else { return }
    guard request.allowLoss else {
      throw BelayError(
        .refused, "\(Counted.text(losses.count, "thing")) of archive \(reader.manifest.id) would be left out",
        hint: "make the tables fit, name the tables to restore with --table, or accept it with --allow-loss",
        state: "nothing was changed", causes: losses)
    }
    for loss in losses { context.log(.warning, "left out: \(loss)") }
  }

  // MARK: Rows

  private func load(
    _ matches: [Match], _ present: Catalog, _ losses: [String]
  ) throws(BelayError) -> (summary: String, warnings: [String]) {
    let around = TableLoad(run.connection, context: context)
    let bySource = Dictionary(matches.map { ($0.place.tableName, $0) }, uniquingKeysWith: { first, _ in first })
    let order = present.parentsFirst(present.tables).compactMap { bySource[$0.tableName] }
    var reworded: [String] = []
    var rows: UInt64 = 0
    do {
      try around.begin()
      for match in order {
        try RowCount(of: match.place, in: run).refuseFull("empty it first, or name the tables to restore with --table")
      }
      for match in order {
        let (expected, found) = try load(match)
        rows += found.rows
        guard found.rows == expected.rows else {
          throw BelayError(
            .verificationFailed,
            "table \(match.place.tableName) has \(Counted.rows(found.rows)) after \(expected.rows) were loaded")
        }
        if found.digest != expected.digest { reworded += try differing(match) }
      }
      guard reworded.isEmpty || request.allowLoss else {
        throw BelayError(
          .refused,
          "\(target) keeps values of \(Counted.text(reworded.count, "column")) in another form, which may lose digits",
          hint: "change the type of the column, leave its table out with --table, or accept it with --allow-loss",
          causes: reworded)
      }
      try RestoredCounters(run: run, reader: reader).moveOn(order.map(\.place.tableName))
      try around.commit()
    } catch {
      around.rollBack()
      let failure = BelayError(
        any: error, doing: "cannot restore the rows of \(reader.manifest.id) into \(target)", kind: .failed)
      throw failure.with(state: failure.state ?? "\(target) is untouched")
    }
    let warnings = reworded.map { "in another form than in the archive: \($0)" }
    for warning in warnings { context.log(.warning, warning) }
    try DanglingRows(run: run).tell(of: Set(order.map(\.place.tableName)))
    let what = "\(Counted.rows(rows)) of \(Counted.text(order.count, "table")) of \(reader.manifest.id) into \(target)"
    return (
      "restored \(what); "
        + (reworded.isEmpty ? "proven equal" : "their counts are proven, and all values but those named"),
      losses + warnings
    )
  }

  /// The columns whose values are not there as they were loaded.
  private func differing(_ match: Match) throws -> [String] {
    let columns = match.place.columns
    var loaded = columns.map { _ in TableDigest() }
    var found = loaded
    try ArchiveLoader(context: context, reader: reader).each(of: match.source) { batch in
      for index in columns.indices {
        ChosenColumns([match.places[index]]).with(batch) { batch in ComparedRows.with(batch) { loaded[index].add($0) } }
      }
    }
    try run.connection.read(match.place, operation: context.stoppable("comparing \(match.place.tableName)")) { batch in
      for index in columns.indices {
        ChosenColumns([index]).with(batch) { batch in ComparedRows.with(batch) { found[index].add($0) } }
      }
    }
    return columns.indices.filter { loaded[$0].hex != found[$0].hex }
      .map { "column \(columns[$0].name) of table \(match.place.tableName)" }
  }

  /// - Returns: what was loaded, and what is there now.
  private func load(_ match: Match) throws -> (expected: TableState, found: TableState) {
    var expected = TableDigest()
    let name = match.place.tableName
    try ArchiveLoader(context: context, reader: reader).each(of: match.source) { batch in
      try ChosenColumns(match.places).with(batch) { batch in
        ComparedRows.with(batch) { expected.add($0) }
        try run.connection.load(batch, into: match.place, operation: context.stoppable("loading \(name)"))
      }
    }
    var found = TableDigest()
    try run.connection.read(
      match.place, operation: context.stoppable("proving \(name)"),
      rows: { batch in
        ComparedRows.with(batch) { found.add($0) }
      })
    return (
      TableState(rows: expected.rows, digest: expected.hex), TableState(rows: found.rows, digest: found.hex)
    )
  }
}

/// Some columns of every row of a batch, without copying what is in them.
private struct ChosenColumns {
  private let places: [Int]

  init(_ places: [Int]) { self.places = places }

  func with(_ batch: belay_batch, _ body: (belay_batch) throws -> Void) rethrows {
    let width = Int(batch.ncols)
    guard places != Array(0..<width), let cells = batch.cells else { return try body(batch) }
    var chosen: [belay_cell] = []
    chosen.reserveCapacity(Int(batch.nrows) * places.count)
    for row in 0..<Int(batch.nrows) {
      for place in places { chosen.append(cells[row * width + place]) }
    }
    try chosen.withUnsafeBufferPointer { cells in
      try body(
        belay_batch(cells: cells.baseAddress, nrows: batch.nrows, ncols: UInt32(places.count), reserved: 0))
    }
  }
}

/// Rows as they are compared: a server's own text form of a value is text, as which an archive's CSV has it.
private enum ComparedRows {
  static func with(_ batch: belay_batch, _ body: (belay_batch) -> Void) {
    let count = Int(batch.nrows) * Int(batch.ncols)
    guard let cells = batch.cells, (0..<count).contains(where: { cells[$0].type == CellType.native }) else {
      return body(batch)
    }
    var compared = Array(UnsafeBufferPointer(start: cells, count: count))
    for index in compared.indices where compared[index].type == CellType.native { compared[index].type = CellType.text }
    compared.withUnsafeBufferPointer { cells in
      body(belay_batch(cells: cells.baseAddress, nrows: batch.nrows, ncols: batch.ncols, reserved: 0))
    }
  }
}
