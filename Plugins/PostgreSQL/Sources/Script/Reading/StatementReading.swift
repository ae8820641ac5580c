import BelayDriverKit

/// Analyzes one statement after another: what each names and writes, what the host must know before it runs, and how it
/// changes the schema for the statements that follow.
struct StatementReading {
  var model: SchemaModel
  var writes: [ScriptWrite] = []
  var flags: StatementFlags = []
  var notes: [String] = []

  init(_ model: SchemaModel) { self.model = model }

  /// Forgets the results of the statement before.
  mutating func begin() { (writes, flags, notes) = ([], [], []) }

  /// Analyzes a statement that the parser accepts.
  mutating func read(_ tree: SyntaxNode) {
    let (type, node) = tree.typed
    switch type {
    case "TransactionStmt": readTransaction(node)
    case "VariableSetStmt": readSetting(node)
    case "SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt": readRows(tree)
    case "TruncateStmt": readTruncate(node)
    case "CopyStmt": readCopy(node)
    case "ExplainStmt":
      if node["options"].items.contains(where: { $0.as("DefElem")?["defname"].text == "analyze" }) {
        read(node["query"])
      }
    case "PrepareStmt": model.prepared[node["name"].text ?? ""] = node["query"]
    case "ExecuteStmt":
      let name = node["name"].text ?? ""
      if let query = model.prepared[name] {
        readRows(query)
      } else {
        unread("EXECUTE \(name) runs a statement that this script does not prepare")
      }
    case "DeclareCursorStmt": readCalls(node["query"])
    case "DoStmt": unread("a DO block is code: what it writes is not known in advance")
    case "CallStmt":
      let name = node["funccall"]["funcname"].path.joined(separator: ".")
      unread("CALL \(name): what a procedure writes is not known in advance")
    case "CreateStmt", "CreateForeignTableStmt", "CreateTableAsStmt", "IndexStmt", "ViewStmt", "RefreshMatViewStmt",
      "AlterTableStmt", "CreateSeqStmt", "AlterSeqStmt":
      readRelation(type, node, tree)
    case "DropStmt": readDrop(node)
    case "RenameStmt": readRename(node)
    case "AlterObjectSchemaStmt": readSetSchema(node)
    case "GrantStmt": readGrant(node)
    case "VacuumStmt", "ClusterStmt", "ReindexStmt", "DiscardStmt", "CheckPointStmt":
      readMaintenance(type, node)
    case "CreateSchemaStmt": readSchema(node)
    case "LockStmt", "ListenStmt", "UnlistenStmt", "NotifyStmt", "LoadStmt", "FetchStmt", "ClosePortalStmt",
      "DeallocateStmt", "VariableShowStmt", "ConstraintsSetStmt", "SecLabelStmt":
      break
    default:
      if !readServerObject(type, node), !readObject(type, node) {
        unread("belay does not know what this kind of statement writes")
      }
    }
  }

  // MARK: Results

  mutating func unread(_ note: String) {
    flags.insert(.unread)
    if !notes.contains(note) { notes.append(note) }
  }

  mutating func write(
    _ kind: String, schema: String = "", _ name: String, parent: String = "", _ actions: WriteActions
  ) {
    let same = writes.firstIndex {
      $0.kind == kind && $0.schema == schema && $0.name == name && $0.parent == parent
    }
    if let same {
      writes[same].actions.formUnion(actions)
    } else {
      writes.append(ScriptWrite(kind: kind, schema: schema, name: name, parent: parent, actions: actions))
    }
  }

  /// A relation by its number.
  mutating func write(_ id: Int, _ actions: WriteActions) {
    guard let relation = model[id] else { return }
    write(
      relation.objectKind, schema: relation.name.schema, relation.name.name, parent: model.parent(of: relation), actions
    )
  }

  // MARK: Names

  /// The relation that a RangeVar names.
  func relationID(_ range: SyntaxNode) -> Int? {
    model.relationID(range["relname"].text ?? "", schema: range["schemaname"].text)
  }

  /// A relation that the statement needs. If it does not exist, the statement is flagged.
  mutating func existing(_ range: SyntaxNode, mayMiss: Bool = false) -> Int? {
    existing(
      (range["schemaname"].text.map { [$0] } ?? []) + [range["relname"].text ?? ""], mayMiss: mayMiss)
  }

  mutating func existing(_ path: [String], mayMiss: Bool = false) -> Int? {
    guard let name = path.last else { return nil }
    let schema = path.count > 1 ? path[path.count - 2] : nil
    if let id = model.relationID(name, schema: schema) { return id }
    // The server's own tables are no objects of the catalog.
    if !mayMiss, !model.isServers(path) {
      unread("as far as belay can tell, there is no \(path.joined(separator: ".")) when it runs")
    }
    return nil
  }

  /// The qualified name of a new relation.
  func newName(_ range: SyntaxNode) -> QualifiedName {
    newName(range["schemaname"].text, range["relname"].text ?? "", isTemporary: range["relpersistence"].text == "t")
  }

  func newName(_ path: [String]) -> QualifiedName {
    newName(path.count > 1 ? path[path.count - 2] : nil, path.last ?? "", isTemporary: false)
  }

  private func newName(_ schema: String?, _ name: String, isTemporary: Bool) -> QualifiedName {
    if isTemporary || schema?.hasPrefix("pg_temp") == true { return QualifiedName(schema: "pg_temp", name: name) }
    return QualifiedName(schema: schema ?? model.creationSchema ?? "", name: name)
  }

  /// The relation, and what inherits from it unless ONLY precedes it.
  func family(_ id: Int, _ range: SyntaxNode) -> [Int] {
    range["inh"].isTrue ? model.family(of: id) : [id]
  }
}
