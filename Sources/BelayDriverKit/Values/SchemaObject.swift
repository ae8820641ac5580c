import CBelayDriver

/// One object of the schema: a table, column, index, view, trigger, setting …
///
/// Objects are written in the order that recreates them: a table directly before its columns; whatever must wait until
/// the rows are in (indexes, triggers, sequences' values) after all tables. Identity is (kind, schema, parent, name).
public struct SchemaObject: Sendable {
  /// What the host must know of an object beyond its text.
  public struct Flags: OptionSet, Sendable {
    /// The `BELAY_O_*` bits.
    public let rawValue: UInt32
    /// Takes the bits as they are.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Column: computed by the engine; neither read nor written by a backup.
    public static let generated = Flags(rawValue: UInt32(BELAY_O_GENERATED))
    /// Column: not declared, yet readable and writable by this name, e.g. a rowid.
    public static let implicit = Flags(rawValue: UInt32(BELAY_O_IMPLICIT))
    /// Column.
    public static let notNull = Flags(rawValue: UInt32(BELAY_O_NOT_NULL))
    /// Column: part of the primary key.
    public static let primaryKey = Flags(rawValue: UInt32(BELAY_O_PRIMARY_KEY))
    /// Table: has no rows of its own to back up.
    public static let noRows = Flags(rawValue: UInt32(BELAY_O_NO_ROWS))
    /// Table: storage of the virtual table named in `parent`.
    public static let shadow = Flags(rawValue: UInt32(BELAY_O_SHADOW))
    /// The engine keeps it by itself; it changes without being named.
    public static let `internal` = Flags(rawValue: UInt32(BELAY_O_INTERNAL))
    /// A dump of `Snapshotting` does not hold it: the host runs its ddl, which must do no harm where the object is there
    /// already, before a dump is restored if the object comes before the first table, else after it.
    public static let outsideDump = Flags(rawValue: UInt32(BELAY_O_OUTSIDE_DUMP))
  }

  /// "table", "column", "index", "view", "trigger", "setting" …
  public var kind: String
  /// Empty where the engine has none, or only one.
  public var schema: String
  /// The object's own name, unquoted.
  public var name: String
  /// A column's, index's or trigger's table.
  public var parent: String
  /// A column's type, as declared.
  public var nativeType: String
  /// Canonical text: equal text = equal object.
  public var definition: String
  /// The statements that recreate it; empty where part of the parent's.
  public var ddl: String
  /// One statement that removes it, and does no harm where it is gone; empty: it goes with its parent, or the host's own
  /// DROP TABLE, VIEW, INDEX or TRIGGER by its name is right.
  public var drop: String
  /// What the host must know beyond the text.
  public var flags: Flags
  /// Tables: nil where unknown.
  public var rowEstimate: Int64?

  /// An object with its identity, text and flags.
  public init(
    kind: String, schema: String = "", name: String, parent: String = "", nativeType: String = "",
    definition: String = "", ddl: String = "", drop: String = "", flags: Flags = [], rowEstimate: Int64? = nil
  ) {
    self.kind = kind
    self.schema = schema
    self.name = name
    self.parent = parent
    self.nativeType = nativeType
    self.definition = definition
    self.ddl = ddl
    self.drop = drop
    self.flags = flags
    self.rowEstimate = rowEstimate
  }
}
