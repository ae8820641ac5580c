import BelayABI
import BelayDatabase
import BelayDrivers

/// Statements that are likely to undo what a migration did to an object. Each is tried before it is used, so that none needs
/// to be right in every engine.
extension SchemaObject {
  /// Kinds that hold rows or values of their own: to drop and make them anew would lose these.
  var holdsRows: Bool { ["table", "virtual_table", "column", "sequence", "schema", "database"].contains(kind) }

  /// What a table or a column is called, for those that belong to it.
  struct OwnerKey: Hashable {
    let schema: String
    let table: String
    /// Empty: the table itself.
    let column: String
  }

  /// Others go with it.
  var isOwner: Bool { kind == "table" || kind == "column" }

  var ownerKey: OwnerKey {
    kind == "column"
      ? OwnerKey(schema: schema, table: parent, column: name) : OwnerKey(schema: schema, table: name, column: "")
  }

  /// Whether it goes with a table or a column that goes.
  func goesWith(_ owners: Set<OwnerKey>) -> Bool {
    guard !parent.isEmpty else { return false }
    if owners.contains(OwnerKey(schema: schema, table: parent, column: "")), kind != "table" { return true }
    return kind != "column" && owners.contains(OwnerKey(schema: schema, table: parent, column: name))
  }

  /// Whether it comes with a table that is missing too: a column has no statement of its own.
  func comesWithOther(_ missing: [StateDifference]) -> Bool {
    guard kind == "column" else { return false }
    return missing.contains { difference in
      guard case .objectMissing(let other) = difference else { return false }
      return other.kind == "table" && other.schema == schema && other.name == parent
    }
  }

  /// The statement that removes it, without its semicolon; nil: none is known.
  func removal(_ traits: Traits) -> String? {
    if let statement = dropStatement(traits) { return statement }
    let table = traits.quoted(schema: schema, name: parent)
    switch kind {
    case "column": return "ALTER TABLE \(table) DROP COLUMN \(traits.quoted(name))"
    case "default": return "ALTER TABLE \(table) ALTER COLUMN \(traits.quoted(name)) DROP DEFAULT"
    case "constraint": return "ALTER TABLE \(table) DROP CONSTRAINT \(traits.quoted(name))"
    case "policy", "rule": return "DROP \(kind.uppercased()) \(traits.quoted(name)) ON \(table)"
    case "materialized_view", "sequence", "type", "domain", "statistics", "collation":
      return "DROP \(kind.uppercased().replacing("_", with: " ")) \(traits.quoted(schema: schema, name: name))"
    case "schema", "extension": return "DROP \(kind.uppercased()) \(traits.quoted(name))"
    case "function", "procedure", "aggregate":
      // `total(integer, text)`
      guard let end = name.firstIndex(of: "(") else { return nil }
      let called = traits.quoted(schema: schema, name: String(name[..<end]))
      return "DROP \(kind.uppercased()) \(called)\(name[end...])"
    default: return nil
    }
  }

  /// What makes it as it was, perhaps several statements; nil: nothing is known.
  /// - Parameter now: the same object as it is; nil: it is not there.
  func creation(now: SchemaObject?, _ traits: Traits) -> String? {
    let table = traits.quoted(schema: schema, name: parent)
    guard kind == "column" else {
      // Who runs it will own it.
      let lines = ddl.split(separator: "\n", omittingEmptySubsequences: false).filter {
        $0.wholeMatch(of: /ALTER [^']* OWNER TO [^']*;/) == nil
      }
      return lines.isEmpty || ddl.isEmpty ? nil : lines.joined(separator: "\n")
    }
    guard let now else { return "ALTER TABLE \(table) ADD COLUMN \(traits.quoted(name)) \(definition)" }
    var changes: [String] = []
    let column = "ALTER TABLE \(table) ALTER COLUMN \(traits.quoted(name))"
    if now.nativeType != nativeType { changes.append("\(column) TYPE \(nativeType);") }
    if now.flags.contains(.notNull) != flags.contains(.notNull) {
      changes.append("\(column) \(flags.contains(.notNull) ? "SET" : "DROP") NOT NULL;")
    }
    return changes.isEmpty ? nil : changes.joined(separator: "\n")
  }
}
