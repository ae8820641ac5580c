import BelayDriverKit

/// Puts the objects of a database in the order that recreates them.
struct CatalogOrder {
  private var rows: [CatalogRow] = []
  private var tables: [ServerTable] = []

  mutating func add(_ row: CatalogRow) { rows.append(row) }

  mutating func add(_ table: ServerTable) { tables.append(table) }

  func has(_ kind: String) -> Bool { rows.contains { $0.object.kind == kind } }

  /// What a node of the graph stands for.
  private enum Step {
    case object(Int)
    /// Statements of an object that wait until all rows are in.
    case late(Int)
    case table(ServerTable)
  }

  func objects(
    _ addresses: Addresses, columns: [CatalogRow.Address: [SchemaObject]], _ operation: Operation
  ) -> [SchemaObject] {
    var graph = DependencyGraph()
    var steps: [Step] = []
    var nodes: [CatalogRow.Address: Int] = [:]
    for (index, row) in rows.enumerated() {
      let node = graph.add(DependencyGraph.Node(rank: row.rank, key: row.sortKey))
      steps.append(.object(index))
      if !row.address.isNone, row.sub == 0 { nodes[row.address] = node }
    }
    func node(_ address: CatalogRow.Address) -> Int? {
      addresses.whole(of: address) { nodes[$0] != nil }.flatMap { nodes[$0] }
    }
    for (object, need) in addresses.needs {
      if let object = node(object), let need = node(need) { graph.require(need, before: object) }
    }
    for (index, row) in rows.enumerated() {
      if let relation = row.relation.flatMap(node) { graph.require(relation, before: index) }
      if row.stub != nil { graph.allowStub(of: index, needing: Set(row.stubTypes.compactMap(node))) }
    }
    preferDomainChecks(in: &graph)
    addLate(to: &graph, &steps)
    for table in tables {
      _ = graph.add(DependencyGraph.Node(rank: Rank.of("internal_table"), key: [table.table.name]))
      steps.append(.table(table))
    }
    let order = graph.sorted()
    for cut in graph.cuts { warn(cut, steps, operation) }
    return written(order, graph, steps, columns)
  }

  /// A check can be added to a domain that tables use, but not if they use arrays of it: better to add it before them.
  private func preferDomainChecks(in graph: inout DependencyGraph) {
    let domainRank = Rank.of("domain_constraint")
    for check in rows.indices where rows[check].rank == domainRank {
      let domains = graph.nodes[check].needs.filter { rows[$0].object.kind == "type" }
      for node in rows.indices where !graph.nodes[node].needs.isDisjoint(with: domains) {
        if rows[node].rank != domainRank { graph.prefer(check, before: node) }
      }
    }
  }

  /// A materialized view is filled after those that it reads, even if it reads them through views.
  private func addLate(to graph: inout DependencyGraph, _ steps: inout [Step]) {
    let readable = ["view", "materialized_view"]
    let fills = rows.contains { $0.object.kind == "materialized_view" }
    var lates: [Int: Int] = [:]
    for (index, row) in rows.enumerated() {
      guard !row.late.isEmpty || (fills && readable.contains(row.object.kind)) else { continue }
      let late = graph.add(DependencyGraph.Node(rank: Rank.late, key: row.sortKey))
      steps.append(.late(index))
      graph.require(index, before: late)
      lates[index] = late
    }
    for (index, late) in lates where readable.contains(rows[index].object.kind) {
      for need in graph.nodes[index].needs {
        if let earlier = lates[need], readable.contains(rows[need].object.kind) { graph.prefer(earlier, before: late) }
      }
    }
  }

  private func warn(_ cut: (node: Int, need: Int), _ steps: [Step], _ operation: Operation) {
    guard case .object(let node) = steps[cut.node], case .object(let need) = steps[cut.need] else { return }
    operation.log(
      .warning,
      "\(rows[node].label) and \(rows[need].label) depend on each other: the ddl cannot create either of them first")
  }

  private func written(
    _ order: [Int], _ graph: DependencyGraph, _ steps: [Step], _ columns: [CatalogRow.Address: [SchemaObject]]
  ) -> [SchemaObject] {
    var objects: [SchemaObject] = []
    var extras = Statements()
    for node in order {
      if let original = graph.nodes[node].standsFor {
        if case .object(let index) = steps[original], let stub = rows[index].stub { extras.add(stub, to: &objects) }
        continue
      }
      switch steps[node] {
      case .object(let index):
        let row = rows[index]
        extras.put(row.object, into: &objects)
        if row.object.kind == "table", let relation = row.relation { objects += columns[relation] ?? [] }
      case .late(let index): extras.add(rows[index].late, to: &objects)
      case .table(let table): objects += [table.table] + table.columns
      }
    }
    return objects
  }
}

/// Statements that belong to no single object: they go with the object before them or, if a dump does not contain that
/// one, with the next.
private struct Statements {
  private var waiting = ""

  mutating func add(_ sql: String, to objects: inout [SchemaObject]) {
    guard !sql.isEmpty else { return }
    if let last = objects.indices.last, !objects[last].flags.contains(.outsideDump) {
      objects[last].ddl += (objects[last].ddl.isEmpty ? "" : "\n") + sql
    } else {
      waiting += sql + "\n"
    }
  }

  mutating func put(_ object: SchemaObject, into objects: inout [SchemaObject]) {
    var object = object
    if !waiting.isEmpty, !object.flags.contains(.outsideDump) {
      object.ddl = waiting + object.ddl
      waiting = ""
    }
    objects.append(object)
  }
}
