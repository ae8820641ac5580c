/// "belay.rows/1": reads and loads a table's rows as values, by name, if the engine has a better way than SQL text.
public protocol RowTransferring: DriverConnection {
  /// Reads all rows of a table, in any order, with the same values as from `query`. Calls `rows.columns` once, before
  /// any row, with the names as they are in `table`. Reads what `query` would read: in the open transaction, or in the
  /// view of a token.
  func read(_ table: TableColumns, operation: Operation, into rows: RowWriter) throws(DriverFailure)
  /// Adds one batch of rows to a table, in the open transaction if there is one: all rows or none, unless the failure's
  /// outcome says otherwise. `rows`: at most about 1 MiB or one row; values as `read` returned them, in the order of
  /// the columns. Every column gets the given value, even one that the engine numbers itself.
  func load(_ rows: Parameters, into table: TableColumns, operation: Operation) throws(DriverFailure)
}

/// One table of the catalog, and some of its columns. Names are not quoted.
public struct TableColumns: Sendable, Equatable {
  /// May be empty.
  public var schema: String
  /// As in `SchemaObject`.
  public var name: String
  /// At least one.
  public var columns: [String]

  /// Some columns of a table.
  public init(schema: String = "", name: String, columns: [String]) {
    self.schema = schema
    self.name = name
    self.columns = columns
  }
}
