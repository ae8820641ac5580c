import BelayDriverKit

/// Looks in a migration for what goes wrong, or blocks other sessions, without an error. What the host finds itself
/// from the statements' flags (psql's commands, BEGIN, statements that cannot run in a transaction) is not repeated
/// here.
struct Linter {
  /// Fewer rows than this are read or rewritten so fast that nobody notices.
  static let manyRows: Int64 = 10_000

  /// The file runs in one transaction; one that opts out says so in a comment.
  let isTransactional: Bool
  var findings: [LintFinding] = []
  /// The line of the statement at hand.
  var line = 1
  /// Values added to enums that were there before, by the enum's name.
  var addedValues: [String: String] = [:]
  /// Constraints that the script adds as NOT VALID.
  var notValid: Set<String> = []
  /// Subscriptions that the script has detached from their replication slots.
  var withoutSlot: Set<String> = []
  private var concurrently = 0

  init(_ script: UnsafeRawBufferPointer) {
    isTransactional = !script.split(separator: UInt8(ascii: "\n")).contains { line in
      let words = String(decoding: line, as: UTF8.self).drop { $0.isWhitespace }
      guard words.hasPrefix("--") else { return false }
      let comment = words.dropFirst(2).drop { $0.isWhitespace }
      guard comment.hasPrefix("belay:") else { return false }
      return comment.dropFirst(6).split { $0.isWhitespace } == ["no-transaction"]
    }
  }

  mutating func read(_ tree: SyntaxNode, line: Int, _ before: SchemaModel) {
    self.line = line
    let (type, node) = tree.typed
    useOfAddedValues(tree)
    switch type {
    case "AlterTableStmt": alterTable(node, before)
    case "IndexStmt": createIndex(node, before)
    case "DropStmt": drop(node, before)
    case "RenameStmt": rename(node, before)
    case "UpdateStmt", "DeleteStmt": rows(type, node, before)
    case "TruncateStmt":
      if node["behavior"].text == "DROP_CASCADE" {
        warn(
          "truncate-cascade",
          "TRUNCATE … CASCADE also empties every table that refers to this one, whatever its ON DELETE says",
          hint: "list the tables that are to be emptied")
      }
    case "AlterEnumStmt": alterEnum(node, before)
    case "VariableSetStmt": set(node)
    case "VacuumStmt", "ClusterStmt", "ReindexStmt", "RefreshMatViewStmt": maintenance(type, node, before)
    default: break
    }
    beyondDatabase(tree, before)
  }

  // MARK: Telling

  mutating func warn(_ rule: String, _ message: String, hint: String? = nil) {
    add(.warning, rule, message, hint: hint)
  }

  mutating func add(_ severity: FindingSeverity, _ rule: String, _ message: String, hint: String? = nil) {
    findings.append(LintFinding(line: line, severity, rule: rule, message, hint: hint))
  }

  /// A table that was there before, with its size where it matters.
  func existing(_ range: SyntaxNode, _ model: SchemaModel) -> SchemaModel.Relation? {
    guard let id = model.relationID(range["relname"].text ?? "", schema: range["schemaname"].text),
      let relation = model[id], !relation.isNew
    else { return nil }
    return relation
  }

  /// The rows of a table, including its partitions.
  func rows(_ relation: SchemaModel.Relation, _ model: SchemaModel) -> Int64 {
    guard relation.kind == .partitioned, let id = model.names[relation.name] else { return relation.rows }
    return model.family(of: id).compactMap { model[$0]?.rows }.filter { $0 > 0 }.reduce(0, +)
  }

  func isLarge(_ relation: SchemaModel.Relation, _ model: SchemaModel) -> Bool {
    rows(relation, model) >= Self.manyRows
  }

  func size(_ relation: SchemaModel.Relation, _ model: SchemaModel) -> String {
    "about \(rows(relation, model)) rows"
  }

  // MARK: Rows

  private mutating func rows(_ type: String, _ node: SyntaxNode, _ model: SchemaModel) {
    guard !node["whereClause"].isPresent, node["usingClause"].items.isEmpty, node["fromClause"].items.isEmpty,
      let table = existing(node["relation"], model)
    else { return }
    let does = type == "UpdateStmt" ? "UPDATE without WHERE changes" : "DELETE without WHERE deletes"
    warn(
      "no-where", "\(does) every row of \(table.name.name)",
      hint: "add a WHERE, if it is not meant for every row")
  }

  // MARK: Indexes

  private mutating func createIndex(_ node: SyntaxNode, _ model: SchemaModel) {
    guard let table = existing(node["relation"], model) else { return }
    let name = node["idxname"].text ?? "on \(table.name.name)"
    guard node["concurrent"].isTrue else {
      guard isLarge(table, model) else { return }
      return warn(
        "create-index",
        "CREATE INDEX \(name) blocks writes to \(table.name.name) (\(size(table, model))) until the index is built",
        hint: "CREATE INDEX CONCURRENTLY, in a file of its own with `-- belay: no-transaction`")
    }
    concurrentStatement()
    if node["if_not_exists"].isTrue {
      warn(
        "concurrently-if-not-exists",
        "IF NOT EXISTS also accepts an INVALID index \(name) that an earlier attempt left behind",
        hint: "first DROP INDEX CONCURRENTLY IF EXISTS \(node["idxname"].text ?? "…")")
    }
  }

  private mutating func concurrentStatement() {
    concurrently += 1
    if concurrently == 2 {
      warn(
        "several-concurrently", "if this CONCURRENTLY statement fails, the effects of the earlier ones remain",
        hint: "put each in a file of its own")
    }
  }

  // MARK: Dropped and renamed

  private mutating func drop(_ node: SyntaxNode, _ model: SchemaModel) {
    let type = node["removeType"].text ?? ""
    if node["concurrent"].isTrue { concurrentStatement() }
    if node["behavior"].text == "DROP_CASCADE" {
      warn(
        "drop-cascade", "CASCADE also drops everything that depends on it, without listing it",
        hint: "drop the dependent objects by name, without CASCADE")
    }
    for object in node["objects"].items {
      let path = object.path.isEmpty ? [object.word ?? ""] : object.path
      let name = path.last ?? ""
      switch type {
      case "OBJECT_TABLE", "OBJECT_MATVIEW":
        let schema = path.count > 1 ? path[path.count - 2] : nil
        guard let id = model.relationID(name, schema: schema), let table = model[id], !table.isNew else { continue }
        warn(
          "drop-table",
          "drops \(table.objectKind == ObjectKind.table ? "the table" : "the materialized view") \(name) and its rows")
      case "OBJECT_SCHEMA": warn("drop-schema", "drops the schema \(name)")
      default: break
      }
    }
  }

  private mutating func rename(_ node: SyntaxNode, _ model: SchemaModel) {
    let hint = "running programs still use the old name: add the new one first, and drop the old one later"
    switch node["renameType"].text {
    case "OBJECT_TABLE", "OBJECT_VIEW":
      guard let table = existing(node["relation"], model) else { return }
      warn("rename-table", "renames \(table.name.name) to \(node["newname"].text ?? "")", hint: hint)
    case "OBJECT_COLUMN":
      guard let table = existing(node["relation"], model) else { return }
      warn(
        "rename-column",
        "renames the column \(node["subname"].text ?? "") of \(table.name.name) to \(node["newname"].text ?? "")",
        hint: hint)
    case "OBJECT_SCHEMA":
      warn(
        "rename-schema", "renames the schema \(node["subname"].text ?? ""), and thereby everything in it", hint: hint)
    default: break
    }
  }
}
