import BelayArchive
import BelayBase
import BelayDrivers

/// What a database holds at one moment: its schema, and for every table the row count and a digest of the rows.
package struct DatabaseState: Sendable, Equatable {
  package var catalog: Catalog
  package var tables: [TableName: TableState]

  package init(catalog: Catalog, tables: [TableName: TableState]) {
    self.catalog = catalog
    self.tables = tables
  }
}

/// The rows of one table, in two numbers that do not depend on their order.
package struct TableState: Sendable, Equatable {
  package var rows: UInt64
  /// `TableDigest.hex`
  package var digest: String
  /// The rows themselves where they are counters, sorted; nil for other tables.
  package var counters: [Counter]?

  package init(rows: UInt64, digest: String, counters: [Counter]? = nil) {
    self.rows = rows
    self.digest = digest
    self.counters = counters
  }

  /// Equal, or of counters that have only moved on: no transaction and no snapshot keeps them where they are.
  package func matches(_ earlier: TableState) -> Bool {
    guard let counters else { return self == earlier }
    // An archive of before counters were told apart has a digest only, which they have outgrown.
    guard let before = earlier.counters else { return rows == earlier.rows }
    return counters.count == before.count && zip(counters, before).allSatisfy { $0.hasMovedOn(from: $1) }
  }
}

/// One way in which two states differ.
package enum StateDifference: Sendable, Equatable {
  case objectMissing(SchemaObject)
  case objectAdded(SchemaObject)
  case objectChanged(SchemaObject, was: SchemaObject)
  case rows(TableName, was: TableState, now: TableState)

  package var isSchema: Bool { if case .rows = self { false } else { true } }

  package func isOfRows(in tables: Set<TableName>) -> Bool {
    if case .rows(let table, _, _) = self { tables.contains(table) } else { false }
  }

  /// Of a table that the engine keeps by itself, such as the values of sequences: what was handed out stays so, whatever
  /// is rolled back.
  package func isOfInternal(_ catalog: Catalog) -> Bool {
    guard case .rows(let table, _, _) = self else { return false }
    return catalog.tables.contains { $0.tableName == table && $0.flags.contains(.internal) }
  }

  /// Of the table that holds belay's own lock where the driver has none: the run that compares holds it.
  package var isOfLock: Bool {
    switch self {
    case .objectMissing(let object), .objectAdded(let object), .objectChanged(let object, _):
      object.isOfLockTable
    case .rows(let table, _, _): table.name == Connection.lockTable
    }
  }

  /// For a list of what is not as it was.
  package var description: String {
    switch self {
    case .objectMissing(let object): "\(object.kind) \(object.label) is missing"
    case .objectAdded(let object): "\(object.kind) \(object.label) did not exist before"
    case .objectChanged(let object, _): "\(object.kind) \(object.label) has a different definition"
    case .rows(let table, let was, let now) where was.rows == now.rows:
      "table \(table): \(Counted.rows(now.rows)), some with different content"
    case .rows(let table, let was, let now): "table \(table): \(Counted.rows(now.rows)), was \(was.rows)"
    }
  }
}

extension DatabaseState {
  /// What is different in this state from an earlier one; empty: equal.
  package func differences(from earlier: DatabaseState) -> [StateDifference] {
    var found: [StateDifference] = []
    let before = Dictionary(earlier.catalog.objects.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
    let now = Dictionary(catalog.objects.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
    for object in earlier.catalog.objects where !object.flags.contains(.toldTwice) {
      if now[object.identity] == nil, earlier.isEmptyStorage(object) { continue }
      guard let present = now[object.identity] else {
        if !object.isInNoCopy { found.append(.objectMissing(object)) }
        continue
      }
      if present.definition != object.definition { found.append(.objectChanged(present, was: object)) }
    }
    for object in catalog.objects
    where before[object.identity] == nil && !object.flags.contains(.toldTwice) && !isEmptyStorage(object) {
      // Archives made before counters were known lack it.
      if object.flags.contains(.counterStep) { continue }
      found.append(.objectAdded(object))
    }
    for (table, was) in earlier.tables.sorted(by: { $0.key.description < $1.key.description }) {
      if let present = tables[table], !present.matches(was) { found.append(.rows(table, was: was, now: present)) }
    }
    return found
  }

  /// Tables of counters that have moved on, which is no difference.
  package func countersMoved(since earlier: DatabaseState) -> [StateDifference] {
    earlier.tables.sorted { $0.key.description < $1.key.description }.compactMap { table, was in
      guard let now = tables[table], now != was, now.counters != nil, now.matches(was) else { return nil }
      return .rows(table, was: was, now: now)
    }
  }

  /// A table that the engine keeps by itself and that holds nothing, or a column of it: some engines keep it for ever once
  /// it was needed.
  private func isEmptyStorage(_ object: SchemaObject) -> Bool {
    let name = object.kind == "table" ? object.name : object.parent
    return catalog.tables.contains { table in
      table.schema == object.schema && table.name == name && table.flags.contains(.internal)
        && tables[table.tableName]?.rows == 0
    }
  }
}

extension SchemaObject {
  /// No dump contains it, and no statement makes it again, such as an index that could not be finished.
  package var isInNoCopy: Bool { flags.contains(.outsideDump) && ddl.isEmpty }

  /// `posts`, or `posts.title` for what belongs to a table.
  package var label: String {
    let name = parent.isEmpty || parent == name ? name : "\(parent).\(name)"
    return schema.isEmpty ? name : "\(schema).\(name)"
  }
}
