import BelayRows

/// A problem that the engine's own check of the database found.
public struct IntegrityFinding: Sendable, Hashable {
  /// Which check, e.g. "foreign_key".
  public var check: String
  /// The table or index; may be empty.
  public var object: String
  /// Which row; nil if it is not about a row, or not known.
  public var identity: String?
  /// Lowercase, without a full stop.
  public var message: String

  /// A finding about an object.
  public init(check: String, object: String, identity: String? = nil, message: String) {
    self.check = check
    self.object = object
    self.identity = identity
    self.message = message
  }
}

extension IntegrityFinding {
  /// Rows that refer to nothing: found in the data, not damage of the storage.
  package static let foreignKey = "foreign_key"
  /// Of the schema: a foreign key, a view or a trigger that cannot work.
  package static let definition = "definition"
  /// What a sound database may hold: found in the data or the schema, not damage of the storage.
  private static let ofContent: Set<String> = [foreignKey, definition, "constraint", "index", "sequence", "space"]
  package var isDamage: Bool { !Self.ofContent.contains(check) }

  /// Findings of one kind about one object: what the message says but for the row.
  package var group: String {
    let words = message.split(separator: " ").map { $0.allSatisfy(\.isNumber) ? "#" : $0 }
    return ([check[...], object[...]] + words).joined(separator: " ")
  }
}

extension IntegrityFinding: TableRow {
  package static let columns = ["check", "object", "identity", "message"]

  package var row: [Value] { [.text(check), .text(object), Value(identity), .text(message)] }

  package init?(row: [Value]) {
    guard row.count == Self.columns.count, let check = row[0].text, let object = row[1].text,
      let message = row[3].text
    else { return nil }
    self.init(check: check, object: object, identity: row[2].text, message: message)
  }
}
