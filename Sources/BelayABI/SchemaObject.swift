/// One object of the schema: a table, column, index, view, trigger, setting …
///
/// Objects come in the order that recreates them: a table directly before its columns; everything that must wait until
/// the rows are loaded (indexes, triggers, values of sequences) after all tables. An object is identified by kind,
/// schema, parent and name. It is unchanged if its definition is equal.
public struct SchemaObject: Sendable, Equatable, Codable {
  /// "table", "column", "index", "view", "trigger", "setting" …
  public var kind: String
  /// Empty if the engine has none, or only one.
  public var schema: String
  /// The object's own name, unquoted.
  public var name: String
  /// A column's, index's or trigger's table.
  public var parent: String
  /// A column's type, as declared.
  public var nativeType: String
  /// Canonical text: equal text = equal object.
  public var definition: String
  /// The statements that recreate it; empty if they are part of the parent's.
  public var ddl: String
  /// One statement that removes it, and does no harm if it does not exist. nil: it is removed with its parent, or DROP
  /// TABLE, VIEW, INDEX or TRIGGER with its name removes it.
  public var drop: String?
  /// What the host must know in addition to the text.
  public var flags: ObjectFlags
  /// The estimated rows of a table; nil if unknown.
  public var rowEstimate: Int?
  /// The engine's own mark of it, the same under another name, and never another object's of this database; empty: the
  /// engine has none. A copy has other ones.
  public var id = ""

  /// An object with its identity, text and flags.
  public init(
    kind: String, schema: String = "", name: String, parent: String = "", nativeType: String = "",
    definition: String = "", ddl: String = "", drop: String? = nil, flags: ObjectFlags = [], rowEstimate: Int? = nil,
    id: String = ""
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
    self.id = id
  }

  /// The mark is of one database, at one moment: neither compared nor kept.
  private enum CodingKeys: String, CodingKey {
    case kind, schema, name, parent, nativeType, definition, ddl, drop, flags, rowEstimate
  }

  /// Equal in everything but the mark.
  public static func == (one: SchemaObject, other: SchemaObject) -> Bool {
    one.kind == other.kind && one.schema == other.schema && one.name == other.name && one.parent == other.parent
      && one.nativeType == other.nativeType && one.definition == other.definition && one.ddl == other.ddl
      && one.drop == other.drop && one.flags == other.flags && one.rowEstimate == other.rowEstimate
  }
}
