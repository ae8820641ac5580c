import BelayABI

/// "belay.snapshot/1": the engine's own dump.
public protocol Snapshotting: DriverConnection {
  /// The formats, the best one first.
  func formats() -> [DumpFormat]
  /// Writes one dump. `token`: nil, or a token that this connection has acquired or adopted.
  func dump(_ format: String, token: String?, operation: Operation, to sink: ByteSink) throws(DriverFailure)
  /// Reads a whole dump and checks it with the engine's own means. Does not touch the connection's database.
  func verify(_ format: String, operation: Operation, from source: ByteSource) throws(DriverFailure)
  /// Makes the connection's database equal to the dump, and removes objects that are not in the dump. All or nothing.
  /// Not inside a transaction.
  func restore(_ format: String, operation: Operation, from source: ByteSource) throws(DriverFailure)
}

/// "belay.snapshot/1" for engines whose dump can be turned into SQL text without the database.
public protocol DumpRendering: Snapshotting {
  /// Reads a whole dump and writes it as SQL text that the engine's own client can restore into an empty database.
  /// Counts as `verify`: throws `.corrupt` if the dump is damaged. Does not touch the connection's database.
  func renderText(
    _ format: String, operation: Operation, from source: ByteSource, to sink: ByteSink
  ) throws(DriverFailure)
}
