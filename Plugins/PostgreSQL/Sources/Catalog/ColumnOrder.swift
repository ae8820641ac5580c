import BelayDriverKit

/// The order of a table's columns as a restored copy has it.
///
/// A table that inherits is made with its parents' columns first, in the parents' order. A parent that got a column later
/// gave it to a child that had columns of its own by then: in the child it comes last, and in a copy it does not. Taken in
/// the copy's order, rows are read alike in both.
struct ColumnOrder {
  private let columns: [CatalogRow.Address: [CatalogRow]]
  private var parents: [UInt32: [UInt32]] = [:]

  /// Tables that inherit, and what from. A partition is made by itself, with its own order.
  static let heritage = """
    SELECT i.inhrelid, i.inhparent FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
    WHERE c.relkind IN ('r', 'f') AND NOT c.relispartition ORDER BY i.inhrelid, i.inhseqno
    """

  init(_ columns: [CatalogRow.Address: [CatalogRow]], _ heritage: Reply) {
    self.columns = columns.mapValues { rows in rows.sorted { $0.sub < $1.sub } }
    for row in heritage.rows {
      if let child = row[0].flatMap(UInt32.init), let parent = row[1].flatMap(UInt32.init) {
        parents[child, default: []].append(parent)
      }
    }
  }

  func ordered() -> [CatalogRow.Address: [SchemaObject]] {
    var orders: [UInt32: [CatalogRow]] = [:]
    var found: [CatalogRow.Address: [SchemaObject]] = [:]
    for table in columns.keys { found[table] = order(of: table.oid, &orders).map(\.object) }
    return found
  }

  private func order(of table: UInt32, _ known: inout [UInt32: [CatalogRow]]) -> [CatalogRow] {
    if let order = known[table] { return order }
    let own = columns[CatalogRow.Address(catalog: CatalogRow.Address.pgClass, oid: table)] ?? []
    // Also what a circle in a damaged catalog comes to an end by.
    known[table] = own
    guard let parents = parents[table] else { return own }
    var rest = own
    var order: [CatalogRow] = []
    for parent in parents {
      for column in self.order(of: parent, &known) {
        guard let place = rest.firstIndex(where: { $0.object.name == column.object.name }) else { continue }
        order.append(rest.remove(at: place))
      }
    }
    order += rest
    known[table] = order
    return order
  }
}
