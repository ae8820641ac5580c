import BelayDriverKit

/// Settings, upkeep, and what reaches beyond the database.
extension Linter {
  mutating func set(_ node: SyntaxNode) {
    let name = node["name"].text?.lowercased() ?? ""
    if name == "session_replication_role" {
      warn(
        "triggers-off", "session_replication_role switches triggers and foreign keys off",
        hint: "belay looks for rows that refer to nothing afterwards")
    }
    guard name == "transaction", node["kind"].text == "VAR_SET_MULTI" else { return }
    let setsIsolation = node["args"].items.contains { $0.as("DefElem")?["defname"].text == "transaction_isolation" }
    let hint = "write SET SESSION CHARACTERISTICS AS TRANSACTION … at the top of the file: belay runs that before BEGIN"
    if !isTransactional {
      warn("set-transaction", "SET TRANSACTION does nothing outside a transaction", hint: hint)
    } else if setsIsolation {
      add(
        .error, "set-transaction",
        "SET TRANSACTION ISOLATION LEVEL must come before any query, and belay has looked at the tables by then",
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
        "reindex", "REINDEX keeps others from \(table.name.name) (\(size(table, model))) until it is done",
        hint: "REINDEX … CONCURRENTLY, in a file of its own with `-- belay: no-transaction`")
    default:
      guard !node["concurrent"].isTrue, let view = existing(node["relation"], model), isLarge(view, model) else {
        return
      }
      warn(
        "refresh-view", "REFRESH keeps others from reading \(view.name.name) (\(size(view, model))) until it is done",
        hint: "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index on it")
    }
  }

  /// The rehearsal would do it to the server itself: what it makes is then in the way of the migration, what it changes
  /// nothing takes back.
  mutating func serverWide(_ type: String, _ node: SyntaxNode) {
    let what: String
    switch type {
    case "CreateRoleStmt": what = "CREATE ROLE"
    case "DropRoleStmt": what = "DROP ROLE"
    case "CreatedbStmt": what = "CREATE DATABASE"
    case "DropdbStmt": what = "DROP DATABASE"
    case "CreateTableSpaceStmt": what = "CREATE TABLESPACE"
    case "DropTableSpaceStmt": what = "DROP TABLESPACE"
    case "AlterSystemStmt": return wide("ALTER SYSTEM")
    case "AlterRoleStmt", "AlterRoleSetStmt": return wide("ALTER ROLE")
    case "GrantRoleStmt": return wide("GRANT of a role")
    case "AlterDatabaseStmt", "AlterDatabaseSetStmt":
      return warn(
        "names-database",
        "ALTER DATABASE \(node["dbname"].text ?? "") names a database: the rehearsal does it to that one, and not to its copy",
        hint: "write it as DO $$ BEGIN EXECUTE format('ALTER DATABASE %I …', current_database()); END $$")
    case "CopyStmt": return copy(node)
    case "CreateSubscriptionStmt":
      return warn(
        "subscription", "the rehearsal makes the subscription too, and its slot on the publisher",
        hint: "WITH (connect = false), and enable it by hand")
    default: return
    }
    add(
      .error, "server-wide", "\(what) reaches beyond the database: belay neither rehearses nor puts it back",
      hint: "do it by hand, before the migration")
  }

  private mutating func wide(_ what: String) {
    warn("server-wide", "\(what) reaches beyond the database: the rehearsal does it already, and nothing takes it back")
  }

  private mutating func copy(_ node: SyntaxNode) {
    guard let file = node["filename"].text else { return }
    if node["is_program"].isTrue {
      warn("copy-program", "COPY runs `\(file)` on the server, in the rehearsal too")
    } else if !node["is_from"].isTrue {
      warn("copy-to-file", "COPY writes the server's file \(file), which belay does not put back")
    }
  }
}
