import BelayDriverKit

/// Statements that write rows.
extension StatementReading {
  /// Extensions whose volatile functions write nothing: they return random values.
  private static let quietExtensions: Set<String> = ["pgcrypto", "uuid-ossp", "tablefunc", "pg_trgm", "vector"]

  /// INSERT, UPDATE, DELETE, MERGE and SELECT, with those inside WITH.
  mutating func readRows(_ tree: SyntaxNode) {
    var found: [(String, SyntaxNode)] = []
    tree.forEach { type, node in
      if ["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"].contains(type) { found.append((type, node)) }
      if type == "SelectStmt", node["intoClause"].isPresent { found.append((type, node)) }
    }
    for (type, node) in found {
      let relation = node["relation"]
      switch type {
      case "InsertStmt":
        let updates = node["onConflictClause"]["action"].text == "ONCONFLICT_UPDATE"
        writeRows(
          relation, updates ? [.insert, .update] : .insert, sets: updates ? names(node["onConflictClause"]) : [])
      case "UpdateStmt": writeRows(relation, .update, sets: names(node))
      case "DeleteStmt": writeRows(relation, .delete)
      case "MergeStmt": readMerge(node)
      default: makeTable(node["intoClause"]["rel"], columns: [], hasRows: true)
      }
    }
    readCalls(tree)
  }

  /// By its words alone: it is not known which table contains the rows, so every table that may contain them is reported.
  mutating func read(_ statement: UnparsedStatement) {
    for (path, actions) in statement.rowWrites where !actions.isEmpty {
      let schema = path.count > 1 ? path[path.count - 2] : nil
      guard let id = model.relationID(path.last ?? "", schema: schema), let relation = model[id] else { continue }
      writeRows(id, actions, sets: relation.columns.map(\.name), inherited: true)
    }
  }

  /// The columns that a list names.
  func names(_ node: SyntaxNode, in list: String = "targetList") -> [String] {
    node[list].items.compactMap { $0.as("ResTarget")?["name"].text }
  }

  private mutating func readMerge(_ node: SyntaxNode) {
    var actions: WriteActions = []
    var sets: [String] = []
    for clause in node["mergeWhenClauses"].items.compactMap({ $0.as("MergeWhenClause") }) {
      switch clause["commandType"].text {
      case "CMD_INSERT": actions.insert(.insert)
      case "CMD_UPDATE":
        actions.insert(.update)
        sets += names(clause)
      case "CMD_DELETE": actions.insert(.delete)
      default: break
      }
    }
    if !actions.isEmpty { writeRows(node["relation"], actions, sets: sets) }
  }

  mutating func readTruncate(_ node: SyntaxNode) {
    for range in node["relations"].items.compactMap({ $0.as("RangeVar") }) {
      guard let id = existing(range) else {
        guess(range, .delete)
        continue
      }
      for member in family(id, range) { write(member, .delete) }
    }
  }

  mutating func readCopy(_ node: SyntaxNode) {
    if node["is_from"].isTrue {
      writeRows(node["relation"], .insert)
    } else if node["query"].isPresent {
      readRows(node["query"])
    }
  }

  /// Writes the rows of a relation, and of where they are stored: partitions, inheriting tables, a view's tables.
  private mutating func writeRows(_ range: SyntaxNode, _ actions: WriteActions, sets: [String] = []) {
    guard let id = existing(range), let relation = model[id] else { return guess(range, actions) }
    writeRows(id, actions, sets: sets, inherited: range["inh"].isTrue || relation.kind == .partitioned)
  }

  /// A table that belay does not know, created by a DO block or an extension: most likely in the schema where new
  /// tables are created.
  private mutating func guess(_ range: SyntaxNode, _ actions: WriteActions) {
    let path = (range["schemaname"].text.map { [$0] } ?? []) + [range["relname"].text ?? ""]
    guard !model.isServers(path) else {
      return unread("\(path.joined(separator: ".")) is the server's own: what changes with its rows is not known ahead")
    }
    let name = newName(range)
    write(ObjectKind.table, schema: name.schema, name.name, actions)
  }

  private mutating func writeRows(
    _ id: Int, _ actions: WriteActions, sets: [String], inherited: Bool
  ) {
    guard let relation = model[id] else { return }
    if relation.isRewritten {
      write(id, actions)
      return unread("\(relation.name.name) has rules or INSTEAD OF triggers, which decide what is written")
    }
    if relation.kind == .view {
      write(id, actions)
      // The view reads from these; the server decides which of them the rows are written to.
      for read in relation.reads { writeRows(read, actions, sets: [], inherited: true) }
      return
    }
    let insertsOnly = actions == .insert && relation.kind != .partitioned
    guard inherited, !insertsOnly else { return write(id, actions) }
    let members = model.family(of: id)
    // A row whose key changes is deleted from one partition and inserted into another.
    let moves = members.contains { member in
      guard let key = model[member]?.partitionKey else { return true }
      return !key.allSatisfy { !sets.contains($0) }
    }
    for member in members {
      write(member, actions.contains(.update) && moves ? actions.union([.insert, .delete]) : actions)
    }
  }

  // MARK: Functions

  /// A volatile function may write anything; PostgreSQL's built-in ones do not write tables.
  mutating func readCalls(_ tree: SyntaxNode) {
    var calls: [SyntaxNode] = []
    tree.forEach { type, node in if type == "FuncCall" { calls.append(node) } }
    for call in calls {
      let path = call["funcname"].path
      if path.last == "set_config" { readSetConfig(call) }
      for routine in model.routines(path) where routine.isVolatile {
        if Self.quietExtensions.contains(routine.extensionName) { continue }
        unread("\(routine.name.name)() is volatile: it may write more than this statement says")
        break
      }
    }
  }

  /// Every dump contains `SELECT pg_catalog.set_config('search_path', '', false)`.
  private mutating func readSetConfig(_ call: SyntaxNode) {
    let values = call["args"].items
    guard values.count == 3, let name = values[0].word?.lowercased() else { return }
    if name == "role" || name == "session_authorization" { return setRole(values[1].word) }
    guard name == "search_path" else { return }
    guard let path = values[1].word else {
      return unread("it sets search_path to a value that is not known in advance")
    }
    model.searchPath = SchemaModel.path(path)
  }
}
