import BelayArchive
import BelayDrivers

/// Tables that belay, or a tool in whose ledger it writes, keeps account in: none of a user's.
package struct OwnTables: Sendable, Equatable, ExpressibleByArrayLiteral {
  /// Wherever they are.
  private var names: Set<String>
  /// Only these: a user may have one of the same name elsewhere.
  private var placed: Set<TableName>

  package init(_ names: Set<String>, placed: Set<TableName> = []) {
    self.names = names
    self.placed = placed
  }

  package init(arrayLiteral names: String...) { self.init(Set(names)) }

  package func contains(_ table: TableName) -> Bool { names.contains(table.name) || placed.contains(table) }

  /// Whether it is one of them, or belongs to one.
  package func contains(_ object: SchemaObject) -> Bool {
    contains(TableName(schema: object.schema, name: object.name))
      || contains(TableName(schema: object.schema, name: object.parent))
  }

  package func union(_ names: some Sequence<String>) -> OwnTables {
    OwnTables(self.names.union(names), placed: placed)
  }
}
