import CBelayDriver

/// What the host is going to use: the `BELAY_NEED_*` bits of the header.
public struct PreflightNeeds: OptionSet, Sendable, Hashable {
  /// The bits.
  public let rawValue: UInt32
  /// Takes the bits as they are.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A dump of "belay.snapshot/1".
  public static let dump = PreflightNeeds(rawValue: UInt32(BELAY_NEED_DUMP))
  /// A scratch database.
  public static let scratch = PreflightNeeds(rawValue: UInt32(BELAY_NEED_SCRATCH))
  /// Changes of the database.
  public static let write = PreflightNeeds(rawValue: UInt32(BELAY_NEED_WRITE))
}
