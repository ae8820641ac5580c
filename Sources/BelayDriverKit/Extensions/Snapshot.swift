import BelayABI

/// "belay.snapshot/1": the engine's own dump.
public protocol Snapshotting: DriverConnection {
  /// The best first.
  func formats() -> [DumpFormat]
  /// Writes one dump. `token`: nil, or one that this connection has acquired or adopted.
  func dump(_ format: String, token: String?, operation: Operation, to sink: ByteSink) throws(DriverFailure)
  /// Reads a dump to its end with the engine's own check. The connection's database is not touched.
  func verify(_ format: String, operation: Operation, from source: ByteSource) throws(DriverFailure)
  /// Makes the connection's database equal to the dump, objects that are not in the dump removed, all or nothing. Not
  /// inside a transaction.
  func restore(_ format: String, operation: Operation, from source: ByteSource) throws(DriverFailure)
}

/// "belay.snapshot/1" of an engine whose dump can be turned into SQL text without the database.
public protocol DumpRendering: Snapshotting {
  /// Reads a dump to its end and writes it as SQL text that the engine's own client restores into an empty database.
  /// Counts as `verify`: throws `.corrupt` where the dump is damaged. The connection's database is not touched.
  func renderText(
    _ format: String, operation: Operation, from source: ByteSource, to sink: ByteSink
  ) throws(DriverFailure)
}
