import BelayArchive
import BelayBase
import BelayDrivers

/// What the statements of some files name and write, and what the files declare.
package struct Intent {
  package struct Key: Hashable {
    package let kind: String
    package let schema: String
    package let name: String
  }

  private var actions: [Key: WriteActions] = [:]
  /// With their parents: what is part of its parent's definition has no name of its own.
  private var identities: Set<ObjectIdentity> = []
  private var loss: Set<String> = []
  private var change: Set<String> = []
  /// A statement that the driver could not read may write anything: changes count as meant then, losses do not.
  private var isOpaque = false
  /// Objects that are named, of whatever kind, and what they belong to.
  private var subjects: Set<TableName> = []
  private var schemas: Set<String> = []
  /// Columns that get the value of an expression, by table.
  private var computed: [TableName: Set<String>] = [:]
  /// Tables whose rows are written by statements of which the driver does not tell that.
  private var untold: Set<TableName> = []
  /// A statement names nothing, and has its effect only outside a transaction: upkeep of whatever is there.
  package private(set) var keepsUp = false

  package init() {}

  /// - Parameters:
  ///   - statements: as the driver read them.
  ///   - allowLoss: tables that may lose or change rows beyond what the statements name.
  ///   - allowChange: tables whose rows may change, though not shrink, beyond that.
  package init(statements: [Statement], allowLoss: Set<String> = [], allowChange: Set<String> = []) {
    for statement in statements {
      if statement.flags.contains(.unread), statement.writes.isEmpty { isOpaque = true }
      if statement.flags.contains(.refusesTransaction), statement.writes.isEmpty { keepsUp = true }
      for column in statement.computed ?? [] {
        computed[TableName(schema: column.schema, name: column.table), default: []].insert(column.name)
      }
      for write in statement.writes {
        if statement.computed == nil, !write.actions.isDisjoint(with: [.insert, .update]) {
          untold.insert(TableName(schema: write.schema, name: write.name))
        }
        subjects.insert(TableName(schema: write.schema, name: write.name))
        if !write.parent.isEmpty { subjects.insert(TableName(schema: write.schema, name: write.parent)) }
        if write.kind == "schema" { schemas.insert(write.name) }
        actions[Key(kind: write.kind, schema: write.schema, name: write.name), default: []].formUnion(write.actions)
        identities.insert(
          ObjectIdentity(kind: write.kind, schema: write.schema, parent: write.parent, name: write.name))
      }
    }
    loss = allowLoss
    change = allowChange
  }

  /// Adds what other parts of the change mean.
  package mutating func formUnion(_ other: Intent) {
    actions.merge(other.actions) { $0.union($1) }
    identities.formUnion(other.identities)
    loss.formUnion(other.loss)
    change.formUnion(other.change)
    isOpaque = isOpaque || other.isOpaque
    subjects.formUnion(other.subjects)
    computed.merge(other.computed) { $0.union($1) }
    untold.formUnion(other.untold)
    schemas.formUnion(other.schemas)
    keepsUp = keepsUp || other.keepsUp
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

  /// What may have taken rows of a table that no statement deletes from: ", but rows of customers are deleted: look for
  /// a cascade or a trigger". Empty where nothing is deleted anywhere else.
  /// - Parameter before: what there was: a table that is made and renamed away has taken nothing along.
  func otherDeletions(than table: CatalogTable, before: Catalog) -> String {
    let others = before.tables.filter { $0.object.identity != table.object.identity && $0.hasRows }
      .map { (name: $0.name, actions: actions(on: $0)) }.filter { !$0.actions.isDisjoint(with: [.delete, .drop]) }
    guard let first = others.first else { return "" }
    let more = others.count > 1 ? " (and \(Counted.text(others.count - 1, "other table")))" : ""
    let what = first.actions.contains(.delete) ? "rows of \(first.name) are deleted" : "\(first.name) is dropped"
    return ", but \(what)\(more): look for a cascade or a trigger"
  }

  package func names(_ key: Key) -> Bool { actions[key] != nil }

  /// By the parent too, where the name says nothing without it.
  func names(_ object: SchemaObject) -> Bool {
    guard object.flags.contains(.toldTwice) else {
      return names(Key(kind: object.kind, schema: object.schema, name: object.name))
    }
    return identities.contains(object.identity)
  }

  /// It is named, or belongs to something that is.
  func names(partOrWhole object: SchemaObject) -> Bool {
    subjects.contains(TableName(schema: object.schema, name: object.name)) || schemas.contains(object.schema)
      || (!object.parent.isEmpty && subjects.contains(TableName(schema: object.schema, name: object.parent)))
      || (object.kind == "schema" && schemas.contains(object.name))
  }

  /// A table was dropped; there may be another one of its name.
  func drops(_ table: TableName) -> Bool {
    actions[Key(kind: "table", schema: table.schema, name: table.name)]?.contains(.drop) ?? false
  }

  /// Columns of these tables, taken together, that get the value of an expression; nil: not known.
  func computedColumns(of tables: Set<TableName>) -> Set<String>? {
    guard !isOpaque, untold.isDisjoint(with: tables) else { return nil }
    return tables.reduce(into: []) { $0.formUnion(computed[$1] ?? []) }
  }

  func allowsLoss(_ name: TableName) -> Bool { loss.declares(name) }
  func allowsChange(_ name: TableName) -> Bool { loss.declares(name) || change.declares(name) }
}
