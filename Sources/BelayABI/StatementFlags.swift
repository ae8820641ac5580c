import CBelayDriver

/// What the host must know before it runs a statement: the `BELAY_S_*` bits of the header.
public struct StatementFlags: OptionSet, Sendable, Hashable, Codable {
  /// The bits.
  public let rawValue: UInt32
  /// Takes the bits as they are.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// BEGIN, SAVEPOINT …
  public static let opensTransaction = StatementFlags(rawValue: UInt32(BELAY_S_OPENS_TXN))
  /// COMMIT, ROLLBACK, RELEASE …
  public static let endsTransaction = StatementFlags(rawValue: UInt32(BELAY_S_ENDS_TXN))
  /// Cannot run inside a transaction.
  public static let refusesTransaction = StatementFlags(rawValue: UInt32(BELAY_S_NO_TXN))
  /// Has an effect only outside a transaction; inside one it silently does nothing.
  public static let onlyBeforeTransaction = StatementFlags(rawValue: UInt32(BELAY_S_BEFORE_TXN))
  /// A command of the engine's client, not SQL: it cannot be run.
  public static let client = StatementFlags(rawValue: UInt32(BELAY_S_CLIENT))
  /// Could not be analysed: `writes` is incomplete; `note` says why.
  public static let unread = StatementFlags(rawValue: UInt32(BELAY_S_UNREAD))
  /// With `unread`: the engine that would run it does not accept its syntax, whatever the schema is.
  public static let wrongSyntax = StatementFlags(rawValue: UInt32(BELAY_S_SYNTAX))
  /// `writes` lists the columns that get the value of an expression, too.
  public static let tellsColumns = StatementFlags(rawValue: UInt32(BELAY_S_COLUMNS))
}
