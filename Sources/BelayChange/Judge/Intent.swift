import BelayArchive
import BelayDrivers

/// What the statements of some files name and write, and what the files declare.
package struct Intent {
  package struct Key: Hashable {
    package let kind: String
    package let schema: String
    package let name: String
  }

  private var actions: [Key: WriteActions] = [:]
  private var loss: Set<String> = []
  private var change: Set<String> = []
  /// A statement that the driver could not read may write anything: changes count as meant then, losses do not.
  private var isOpaque = false

  package init() {}

  /// - Parameters:
  ///   - statements: as the driver read them.
  ///   - allowLoss: tables that may lose or change rows beyond what the statements name.
  ///   - allowChange: tables whose rows may change, though not shrink, beyond that.
  package init(statements: [Statement], allowLoss: Set<String> = [], allowChange: Set<String> = []) {
    for statement in statements {
      if statement.flags.contains(.unread), statement.writes.isEmpty { isOpaque = true }
      for write in statement.writes {
        actions[Key(kind: write.kind, schema: write.schema, name: write.name), default: []].formUnion(write.actions)
      }
    }
    loss = allowLoss
    change = allowChange
  }

  /// Adds what other parts of the change mean.
  package mutating func formUnion(_ other: Intent) {
    actions.merge(other.actions) { $0.union($1) }
    loss.formUnion(other.loss)
    change.formUnion(other.change)
    isOpaque = isOpaque || other.isOpaque
  }

  /// Tables that a part drops for good: the rows go, whatever takes the name afterwards.
  mutating func allowReplacing(_ tables: Set<TableName>) {
    for table in tables {
      let key = Key(kind: "table", schema: table.schema, name: table.name)
      if actions[key] != nil { actions[key]?.insert(.delete) }
    }
  }

  /// Tables that are named.
  package var tables: Set<TableName> {
    Set(actions.keys.filter { $0.kind == "table" }.map { TableName(schema: $0.schema, name: $0.name) })
  }

  /// How a table is named; a virtual table's storage is written by whoever writes the virtual table.
  package func actions(on table: CatalogTable) -> WriteActions {
    var found = actions[Key(kind: "table", schema: table.schema, name: table.name)] ?? []
    if table.flags.contains(.shadow) {
      for kind in ["table", "virtual_table"] {
        let owner = actions[Key(kind: kind, schema: table.schema, name: table.object.parent)] ?? []
        // The storage shrinks and grows as its owner likes.
        if !owner.isEmpty { found.formUnion([.insert, .update, .delete]) }
      }
    } else if !table.object.parent.isEmpty, table.object.parent != table.name {
      // A part of another table holds that table's rows.
      found.formUnion(actions[Key(kind: "table", schema: table.schema, name: table.object.parent)] ?? [])
    }
    return found.isEmpty && isOpaque ? .update : found
  }

  package func names(_ key: Key) -> Bool { actions[key] != nil }
  func allowsLoss(_ name: String) -> Bool { loss.contains(name) }
  func allowsChange(_ name: String) -> Bool { loss.contains(name) || change.contains(name) }
}
