import CBelayDriver

/// What the host must know about an object of the schema in addition to its text: the `BELAY_O_*` bits of the header.
public struct ObjectFlags: OptionSet, Sendable, Hashable, Codable {
  /// The bits.
  public let rawValue: UInt32
  /// Takes the bits as they are.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Column: computed by the engine; a backup neither reads nor writes it.
  public static let generated = ObjectFlags(rawValue: UInt32(BELAY_O_GENERATED))
  /// Column: not declared, but can be read and written by this name, e.g. a rowid.
  public static let implicit = ObjectFlags(rawValue: UInt32(BELAY_O_IMPLICIT))
  /// Column.
  public static let notNull = ObjectFlags(rawValue: UInt32(BELAY_O_NOT_NULL))
  /// Column: part of the primary key.
  public static let primaryKey = ObjectFlags(rawValue: UInt32(BELAY_O_PRIMARY_KEY))
  /// Table: has no rows of its own to back up.
  public static let noRows = ObjectFlags(rawValue: UInt32(BELAY_O_NO_ROWS))
  /// Table: storage of the virtual table named in `parent`.
  public static let shadow = ObjectFlags(rawValue: UInt32(BELAY_O_SHADOW))
  /// Maintained by the engine; changes without being named in a statement.
  public static let `internal` = ObjectFlags(rawValue: UInt32(BELAY_O_INTERNAL))
  /// A dump of "belay.snapshot/1" does not contain it: the host runs its ddl before it restores a dump if the object
  /// comes before the first table, otherwise after it. The ddl must not do harm if the object already exists.
  public static let outsideDump = ObjectFlags(rawValue: UInt32(BELAY_O_OUTSIDE_DUMP))
  /// Holds rows that the engine computes from others, such as a materialized view: no backup holds them, and a restored
  /// copy computes them anew.
  public static let computed = ObjectFlags(rawValue: UInt32(BELAY_O_COMPUTED))
  /// Is told in its parent's definition too, such as a grant: no object to compare or to make, but one that a migration can
  /// lose.
  public static let toldTwice = ObjectFlags(rawValue: UInt32(BELAY_O_TOLD_TWICE))
  /// Column of an internal table: an integer that moves on outside of transactions, as a sequence's value does. The
  /// table's other stored columns are its primary key, as text, and at most one `counterStep`.
  public static let counter = ObjectFlags(rawValue: UInt32(BELAY_O_COUNTER))
  /// Column of the same table: its sign tells which way the counter moves; 0: either way.
  public static let counterStep = ObjectFlags(rawValue: UInt32(BELAY_O_COUNTER_STEP))
  /// Column: the engine gives it a value where a statement writes none, and no object of its own says so.
  public static let hasDefault = ObjectFlags(rawValue: UInt32(BELAY_O_DEFAULT))
  /// Column: its definition has a CHECK, and no object of its own says so: one of any kind, whose parent is the
  /// table or the column, with the CHECK in its definition or ddl.
  public static let isChecked = ObjectFlags(rawValue: UInt32(BELAY_O_CHECKED))
}
