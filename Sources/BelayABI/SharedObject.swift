import BelayRows

/// Something that a database shares with others of its server, such as a role.
public struct SharedObject: Sendable, Hashable {
  /// "role", "tablespace" …
  public var kind: String
  /// Empty: the row tells only whether objects of this kind were written.
  public var name: String
  /// Equal text: unchanged. Holds no secret.
  public var definition: String
  /// The connection's open transaction has written objects of this kind.
  public var isWritten: Bool

  /// What is known of one object.
  public init(kind: String, name: String, definition: String, isWritten: Bool) {
    self.kind = kind
    self.name = name
    self.definition = definition
    self.isWritten = isWritten
  }
}

extension SharedObject: TableRow {
  package static let columns = ["kind", "name", "definition", "written"]

  package var row: [Value] { [.text(kind), .text(name), .text(definition), .bool(isWritten)] }

  package init?(row: [Value]) {
    guard row.count == Self.columns.count, let kind = row[0].text, let name = row[1].text,
      let definition = row[2].text, case .bool(let isWritten) = row[3]
    else { return nil }
    self.init(kind: kind, name: name, definition: definition, isWritten: isWritten)
  }
}
