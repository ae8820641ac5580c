import BelayDriverKit

/// Which columns get the value of an expression in rows that are copied, or that are there.
extension StatementReading {
  /// To be called once the statement is read. Does nothing where it cannot be told: the rows come from more than one table,
  /// from a query within the query, or the statement does several things.
  mutating func tellColumns(_ tree: SyntaxNode) {
    guard !flags.contains(.unread) else { return }
    let written = writes.filter { !$0.actions.isDisjoint(with: [.insert, .update]) }
    guard !written.isEmpty else {
      flags.insert(.tellsColumns)
      return
    }
    guard written.allSatisfy({ $0.kind == ObjectKind.table }), let computed = expressions(tree) else { return }
    flags.insert(.tellsColumns)
    for table in written {
      for column in computed {
        write(
          "column", schema: table.schema, column, parent: table.name, table.actions.intersection([.insert, .update]))
      }
    }
  }

  private func expressions(_ tree: SyntaxNode) -> [String]? {
    let (type, node) = tree.typed
    guard !node["withClause"].isPresent else { return nil }
    switch type {
    case "UpdateStmt": return names(node)
    case "InsertStmt":
      let conflict = node["onConflictClause"]
      let updated = conflict["action"].text == "ONCONFLICT_UPDATE" ? names(conflict) : []
      // DEFAULT VALUES: there is no query.
      guard let query = node["selectStmt"].as("SelectStmt") else { return updated }
      var targets = names(node, in: "cols")
      if targets.isEmpty {
        guard let id = relationID(node["relation"]), let relation = model[id] else { return nil }
        targets = relation.columns.map(\.name)
      }
      return expressions(query, into: targets).map { updated + $0 }
    case "CreateTableAsStmt": return node["query"].as("SelectStmt").flatMap { expressions($0, into: nil) }
    default: return nil
    }
  }

  /// - Parameter targets: where the values go; nil: to columns of their own names.
  private func expressions(_ query: SyntaxNode, into targets: [String]?) -> [String]? {
    guard !query["withClause"].isPresent else { return nil }
    if query["larg"].isPresent {
      guard let left = expressions(Self.arm(query["larg"]), into: targets),
        let right = expressions(Self.arm(query["rarg"]), into: targets)
      else { return nil }
      return left + right
    }
    let from = query["fromClause"].items
    // Rows that come from no table are new.
    guard !from.isEmpty else { return [] }
    guard from.count == 1, let table = from[0].as("RangeVar") else { return nil }
    let selected = query["targetList"].items.compactMap { $0.as("ResTarget") }
    let stars = selected.count { Self.isStar($0["val"]) }
    guard let targets else {
      return selected.filter { $0["val"].as("ColumnRef") == nil }.compactMap { $0["name"].text }
    }
    guard stars <= 1 else { return nil }
    // A list of columns may be shorter than the table's: so may the query.
    let width = relationID(table).flatMap { model[$0]?.columns.count } ?? targets.count - (selected.count - stars)
    var names: [String] = []
    var place = 0
    for item in selected {
      if Self.isStar(item["val"]) {
        place += width
        continue
      }
      guard targets.indices.contains(place) else { return nil }
      if item["val"].as("ColumnRef") == nil { names.append(targets[place]) }
      place += 1
    }
    return names
  }

  /// The parser gives the parts of a UNION with or without their type.
  private static func arm(_ node: SyntaxNode) -> SyntaxNode { node.as("SelectStmt") ?? node }

  private static func isStar(_ value: SyntaxNode) -> Bool {
    value.as("ColumnRef")?["fields"].items.last?.as("A_Star") != nil
  }
}
