import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import CBelayDriver

/// One of the two sides that `belay diff` compares.
enum DiffSide {
  case archive(ArchiveReader, DatabaseState)
  case database(Connection, Catalog, name: String)

  /// Its name in messages.
  var name: String {
    switch self {
    case .archive(let reader, _): reader.manifest.id
    case .database(_, _, let name): name
    }
  }

  var catalog: Catalog {
    switch self {
    case .archive(_, let state): state.catalog
    case .database(_, let catalog, _): catalog
    }
  }

  /// nil: not known, as in an archive.
  var traits: Traits? {
    switch self {
    case .archive: nil
    case .database(let connection, _, _): connection.traits
    }
  }

  /// How its SQL writes a text by hex digits; nil: as most do.
  var hexText: String? {
    switch self {
    case .archive(let reader, _): reader.manifest.target.hexText
    case .database(let connection, _, _): connection.traits.hexText
    }
  }

  /// What an archive records of a table.
  func recorded(_ table: TableName) -> TableState? {
    if case .archive(_, let state) = self { state.tables[table] } else { nil }
  }

  /// A larger row of an archive is one that somebody made to fill the memory.
  private static let largestRow = 128 << 20

  func read(_ table: CatalogTable, context: RunContext, _ body: (belay_batch) throws -> Void) throws {
    switch self {
    case .archive(let reader, _):
      guard let member = reader.manifest.member(.csv, table: table.tableName) else {
        throw BelayError(
          .notFound, "archive \(reader.manifest.id) contains no CSV of table \(table.tableName)",
          hint: "restore the whole archive, and compare that: belay restore \(reader.manifest.id) --into URL")
      }
      try reader.eachBatch(of: member.name, mostBytes: Self.largestRow) { batch in
        try context.checkCancelled()
        try body(batch)
      }
    case .database(let connection, _, _):
      let operation = context.stoppable("reading \(table.tableName)")
      try connection.read(table, operation: operation, rows: body)
    }
  }
}
