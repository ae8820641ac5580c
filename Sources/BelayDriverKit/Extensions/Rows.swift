/// "belay.rows/1": a table's rows as values, by names, where the engine has a better way than SQL text.
public protocol RowTransferring: DriverConnection {
  /// Gives all rows of a table, in no particular order, each with the values that `query` would give. Calls `rows.columns`
  /// once, before any row, with the names as they are in `table`. Reads what `query` would read: the open transaction, or
  /// the view of a token.
  func read(_ table: TableColumns, operation: Operation, into rows: RowWriter) throws(DriverFailure)
  /// Adds one batch of rows to a table, in the open transaction if there is one: all or none, or the failure's outcome
  /// says otherwise. `rows`: at most about 1 MiB or one row; values as `read` gave them, in the order of the columns. Every
  /// column takes the value given, one that the engine numbers by itself too.
  func load(_ rows: Parameters, into table: TableColumns, operation: Operation) throws(DriverFailure)
}

/// One table of the catalog, and some of its columns. No name is quoted.
public struct TableColumns: Sendable, Equatable {
  /// May be empty.
  public var schema: String
  /// As in `SchemaObject`.
  public var name: String
  /// At least one.
  public var columns: [String]

  /// These columns of a table.
  public init(schema: String = "", name: String, columns: [String]) {
    self.schema = schema
    self.name = name
    self.columns = columns
  }
}
