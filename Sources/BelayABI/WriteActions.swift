import CBelayDriver

/// What a statement does to an object or its rows: the `BELAY_W_*` bits of the header.
public struct WriteActions: OptionSet, Sendable, Hashable, Codable {
  /// The bits.
  public let rawValue: UInt32
  /// Takes the bits as they are.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Rows are added.
  public static let insert = WriteActions(rawValue: UInt32(BELAY_W_INSERT))
  /// Rows are changed.
  public static let update = WriteActions(rawValue: UInt32(BELAY_W_UPDATE))
  /// Rows are removed.
  public static let delete = WriteActions(rawValue: UInt32(BELAY_W_DELETE))
  /// The object is created.
  public static let create = WriteActions(rawValue: UInt32(BELAY_W_CREATE))
  /// The object is removed.
  public static let drop = WriteActions(rawValue: UInt32(BELAY_W_DROP))
  /// The object is changed.
  public static let alter = WriteActions(rawValue: UInt32(BELAY_W_ALTER))
}
