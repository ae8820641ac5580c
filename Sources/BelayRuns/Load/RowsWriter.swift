import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import CBelayDriver
import SystemPackage

/// Rows in one of the forms of `belay extract`, written to a file descriptor as they come.
package struct RowsWriter {
  private var encoder: any RowEncoder
  private let output: FileDescriptor
  package private(set) var rows: UInt64 = 0

  /// - Parameters:
  ///   - traits: the engine's, for SQL; nil: not known, and every engine reads one row to a statement.
  ///   - hexText: as an archive records it, where there are no traits.
  package init(
    form: ExtractRequest.Form, table: CatalogTable, traits: Traits?, hexText: String? = nil, output: FileDescriptor
  ) {
    encoder =
      switch form {
      case .csv: CSVEncoder()
      case .json: RowJSONEncoder()
      case .sql:
        SQLEncoder(
          table: table.tableName, quote: traits?.identifierQuote ?? "\"", maxStatementBytes: traits?.maxSQLBytes ?? 0,
          maxRows: traits?.maxRowsPerExecute ?? 1, hexText: traits?.hexText ?? hexText ?? Traits().hexText)
      }
    encoder.begin(columns: table.storedColumns.map(\.name))
    self.output = output
  }

  package mutating func add(_ batch: belay_batch) throws {
    rows += batch.nrows
    encoder.add(batch)
    try drain()
  }

  package mutating func finish() throws {
    encoder.finish()
    try drain()
  }

  private mutating func drain() throws {
    let output = output
    try encoder.drain { _ = try output.writeAll($0) }
  }
}
