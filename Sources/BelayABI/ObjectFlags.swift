import CBelayDriver

/// What the host must know of an object of the schema beyond its text: the `BELAY_O_*` bits of the header.
public struct ObjectFlags: OptionSet, Sendable, Hashable, Codable {
  /// The bits.
  public let rawValue: UInt32
  /// Takes the bits as they are.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Column: computed by the engine; neither read nor written by a backup.
  public static let generated = ObjectFlags(rawValue: UInt32(BELAY_O_GENERATED))
  /// Column: not declared, yet readable and writable by this name, e.g. a rowid.
  public static let implicit = ObjectFlags(rawValue: UInt32(BELAY_O_IMPLICIT))
  /// Column.
  public static let notNull = ObjectFlags(rawValue: UInt32(BELAY_O_NOT_NULL))
  /// Column: part of the primary key.
  public static let primaryKey = ObjectFlags(rawValue: UInt32(BELAY_O_PRIMARY_KEY))
  /// Table: has no rows of its own to back up.
  public static let noRows = ObjectFlags(rawValue: UInt32(BELAY_O_NO_ROWS))
  /// Table: storage of the virtual table named in `parent`.
  public static let shadow = ObjectFlags(rawValue: UInt32(BELAY_O_SHADOW))
  /// The engine keeps it by itself; it changes without being named.
  public static let `internal` = ObjectFlags(rawValue: UInt32(BELAY_O_INTERNAL))
  /// A dump of "belay.snapshot/1" does not hold it: the host runs its ddl, which must do no harm where the object is there
  /// already, before a dump is restored if the object comes before the first table, else after it.
  public static let outsideDump = ObjectFlags(rawValue: UInt32(BELAY_O_OUTSIDE_DUMP))
  /// Column of an internal table: an integer that moves on outside of transactions, as a sequence's value does.
  public static let counter = ObjectFlags(rawValue: UInt32(BELAY_O_COUNTER))
  /// Column of the same table: its sign tells which way the counter moves; 0: either way.
  public static let counterStep = ObjectFlags(rawValue: UInt32(BELAY_O_COUNTER_STEP))
}
