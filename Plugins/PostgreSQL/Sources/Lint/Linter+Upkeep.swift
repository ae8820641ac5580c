import BelayDriverKit

/// Settings and maintenance.
extension Linter {
  mutating func set(_ node: SyntaxNode) {
    let name = node["name"].text?.lowercased() ?? ""
    if name == "session_replication_role" {
      warn(
        "triggers-off", "session_replication_role turns triggers and foreign keys off",
        hint: "belay looks for rows with broken foreign keys afterwards")
    }
    guard name == "transaction", node["kind"].text == "VAR_SET_MULTI" else { return }
    let setsIsolation = node["args"].items.contains { $0.as("DefElem")?["defname"].text == "transaction_isolation" }
    let hint = "write SET SESSION CHARACTERISTICS AS TRANSACTION … at the top of the file: belay runs that before BEGIN"
    if !isTransactional {
      warn("set-transaction", "SET TRANSACTION does nothing outside a transaction", hint: hint)
    } else if setsIsolation {
      add(
        .error, "set-transaction",
        "SET TRANSACTION ISOLATION LEVEL must come before any query, and by then belay has queried the tables",
        hint: hint)
    }
  }

  mutating func maintenance(_ type: String, _ node: SyntaxNode, _ model: SchemaModel) {
    switch type {
    case "VacuumStmt":
      guard node["options"].items.contains(where: { $0.as("DefElem")?["defname"].text == "full" }) else { return }
      warn("vacuum-full", "VACUUM FULL rewrites tables while nobody can read them")
    case "ClusterStmt":
      guard let table = existing(node["relation"], model), isLarge(table, model) else { return }
      warn("rewrite", "CLUSTER rewrites all of \(table.name.name) (\(size(table, model))) while nobody can read it")
    case "ReindexStmt":
      let isConcurrent = node["params"].items.contains { $0.as("DefElem")?["defname"].text == "concurrently" }
      guard !isConcurrent, let object = existing(node["relation"], model) else { return }
      let table = object.table.flatMap { model[$0] } ?? object
      guard isLarge(table, model) else { return }
      warn(
        "reindex", "REINDEX blocks access to \(table.name.name) (\(size(table, model))) until it is done",
        hint: "REINDEX … CONCURRENTLY, in a file of its own with `-- belay: no-transaction`")
    default:
      guard !node["concurrent"].isTrue, let view = existing(node["relation"], model), isLarge(view, model) else {
        return
      }
      warn(
        "refresh-view", "REFRESH blocks reads of \(view.name.name) (\(size(view, model))) until it is done",
        hint: "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index on it")
    }
  }
}
