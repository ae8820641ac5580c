/// One object that a statement names and writes itself, without cascades and triggers. A rename is a drop of the old
/// name and a create of the new one, both with `.alter`.
public struct ScriptWrite: Sendable, Codable, Equatable {
  /// As in `SchemaObject`.
  public var kind: String
  /// As in `SchemaObject`.
  public var schema: String
  /// As in `SchemaObject`.
  public var name: String
  /// As in `SchemaObject`.
  public var parent: String
  /// What is done to it.
  public var actions: WriteActions

  /// An object and what is done to it.
  public init(kind: String, schema: String = "", name: String, parent: String = "", actions: WriteActions) {
    self.kind = kind
    self.schema = schema
    self.name = name
    self.parent = parent
    self.actions = actions
  }
}
