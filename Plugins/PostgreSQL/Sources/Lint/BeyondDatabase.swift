import BelayDriverKit

/// What a statement does outside the database in which it runs. The rehearsal runs in a copy: there, the same statement
/// would change the same server, or the database that the copy is to protect, and no rollback undoes that.
struct BeyondDatabase {
  /// One effect outside the database.
  enum Reach: Equatable {
    /// On what all databases of the server share: roles, tablespaces, settings.
    case server(_ what: String)
    /// On a database by its name, which in the rehearsal is not the name of the copy; `pattern` has %I in its place.
    case database(_ what: String, pattern: String)
    /// On a database by its name, in a way that a DO block cannot apply to the current one.
    case databaseItself(_ what: String)
    /// On the publisher of a subscription and its replication slot.
    case publisher(_ what: String, hint: String)
    /// On another server, through a foreign table or dblink; or on the server's files and processes.
    case elsewhere(_ what: String)
  }

  private let model: SchemaModel
  /// Subscriptions that the script has detached from their slots.
  private let withoutSlot: Set<String>

  init(_ model: SchemaModel, withoutSlot: Set<String> = []) {
    self.model = model
    self.withoutSlot = withoutSlot
  }

  func reaches(of tree: SyntaxNode) -> [Reach] {
    let (type, node) = tree.typed
    if let reach = role(type, node) ?? serverObject(type, node) ?? database(type, node) ?? subscription(type, node) {
      return [reach]
    }
    return rows(type, tree)
  }

  // MARK: What all databases share

  private func role(_ type: String, _ node: SyntaxNode) -> Reach? {
    switch type {
    case "CreateRoleStmt": .server("CREATE ROLE")
    case "AlterRoleStmt": .server("ALTER ROLE")
    case "DropRoleStmt": .server("DROP ROLE")
    case "AlterRoleSetStmt":
      if let name = node["database"].text {
        .database("ALTER ROLE … IN DATABASE \(name)", pattern: "ALTER ROLE … IN DATABASE %I …")
      } else {
        .server("ALTER ROLE")
      }
    case "GrantRoleStmt": .server(node["is_grant"].isTrue ? "GRANT of a role" : "REVOKE of a role")
    // Databases and tablespaces that belong to the role, or that it may use, are among what is owned.
    case "ReassignOwnedStmt": .server("REASSIGN OWNED")
    case "DropOwnedStmt": .server("DROP OWNED")
    default: nil
    }
  }

  private func serverObject(_ type: String, _ node: SyntaxNode) -> Reach? {
    switch type {
    case "CreatedbStmt": return .server("CREATE DATABASE")
    case "DropdbStmt": return .server("DROP DATABASE")
    case "CreateTableSpaceStmt": return .server("CREATE TABLESPACE")
    case "DropTableSpaceStmt": return .server("DROP TABLESPACE")
    case "AlterTableSpaceOptionsStmt": return .server("ALTER TABLESPACE")
    case "AlterSystemStmt": return .server("ALTER SYSTEM")
    default: break
    }
    guard let (verb, object) = subject(type, node) else { return nil }
    switch object {
    case "OBJECT_ROLE": return .server("\(verb) ROLE")
    case "OBJECT_TABLESPACE": return .server("\(verb) TABLESPACE")
    case "OBJECT_PARAMETER_ACL": return .server("\(verb) PARAMETER")
    default: return nil
    }
  }

  /// Statements of one form for all kinds of objects: how they begin, and the kind.
  private func subject(_ type: String, _ node: SyntaxNode) -> (verb: String, object: String)? {
    switch type {
    case "CommentStmt": ("COMMENT ON", node["objtype"].text ?? "")
    case "SecLabelStmt": ("SECURITY LABEL ON", node["objtype"].text ?? "")
    case "GrantStmt": (node["is_grant"].isTrue ? "GRANT … ON" : "REVOKE … ON", node["objtype"].text ?? "")
    case "RenameStmt": ("ALTER", node["renameType"].text ?? "")
    case "AlterOwnerStmt": ("ALTER", node["objectType"].text ?? "")
    default: nil
    }
  }

  // MARK: A database by its name

  private func database(_ type: String, _ node: SyntaxNode) -> Reach? {
    switch type {
    case "AlterDatabaseSetStmt", "AlterDatabaseRefreshCollStmt":
      return .database("ALTER DATABASE \(node["dbname"].text ?? "")", pattern: "ALTER DATABASE %I …")
    case "AlterDatabaseStmt":
      let what = "ALTER DATABASE \(node["dbname"].text ?? "")"
      let movesFiles = node["options"].items.contains { $0.as("DefElem")?["defname"].text == "tablespace" }
      return movesFiles ? .databaseItself(what) : .database(what, pattern: "ALTER DATABASE %I …")
    default: break
    }
    guard let (verb, object) = subject(type, node), object == "OBJECT_DATABASE" else { return nil }
    let named = node["object"].word ?? node["objects"].items.first?.word ?? node["subname"].text ?? ""
    let what = "\(verb) DATABASE \(named)"
    if type == "RenameStmt" { return .databaseItself(what) }
    return .database(what, pattern: "\(verb) DATABASE %I …")
  }

  // MARK: A publisher

  private func subscription(_ type: String, _ node: SyntaxNode) -> Reach? {
    let reading = StatementReading(model)
    let name = node["subname"].text ?? ""
    let byHand = "do it by hand, after the migration"
    switch type {
    case "CreateSubscriptionStmt":
      guard reading.hasOption("connect", node["options"], default: true) else { return nil }
      return .publisher("CREATE SUBSCRIPTION \(name)", hint: "create it WITH (connect = false), and enable it by hand")
    case "DropSubscriptionStmt":
      guard !withoutSlot.contains(name) else { return nil }
      return .publisher(
        "DROP SUBSCRIPTION \(name)",
        hint: "first ALTER SUBSCRIPTION … DISABLE, then … SET (slot_name = NONE); drop the slot by hand afterwards")
    case "AlterSubscriptionStmt":
      let what = "ALTER SUBSCRIPTION \(name)"
      switch node["kind"].text {
      case "ALTER_SUBSCRIPTION_ENABLED":
        guard reading.hasOption("enabled", node["options"], default: true) else { return nil }
        return .publisher("\(what) ENABLE", hint: byHand)
      case "ALTER_SUBSCRIPTION_REFRESH": return .publisher("\(what) REFRESH PUBLICATION", hint: byHand)
      case "ALTER_SUBSCRIPTION_SET_PUBLICATION", "ALTER_SUBSCRIPTION_ADD_PUBLICATION",
        "ALTER_SUBSCRIPTION_DROP_PUBLICATION":
        guard reading.hasOption("refresh", node["options"], default: true) else { return nil }
        return .publisher(what, hint: "write it WITH (refresh = false), and refresh it by hand")
      default: return nil
      }
    default: return nil
    }
  }

  /// The subscription that an ALTER detaches from its slot.
  static func subscriptionWithoutSlot(_ tree: SyntaxNode) -> String? {
    guard let node = tree.as("AlterSubscriptionStmt") else { return nil }
    let isTorn = node["options"].items.compactMap { $0.as("DefElem") }.contains { option in
      option["defname"].text == "slot_name" && (option["arg"].word ?? option["arg"].path.last)?.lowercased() == "none"
    }
    return isTorn ? node["subname"].text : nil
  }

  // MARK: Rows and calls

  /// Functions that create or drop what belongs to the whole server.
  private static let serverFunctions: Set<String> = [
    "pg_create_logical_replication_slot", "pg_create_physical_replication_slot", "pg_copy_logical_replication_slot",
    "pg_copy_physical_replication_slot", "pg_drop_replication_slot", "pg_replication_slot_advance",
    "pg_replication_origin_create", "pg_replication_origin_drop", "pg_replication_origin_advance",
  ]

  /// Functions that affect another server, or this one's files and processes.
  private static let farFunctions: Set<String> = [
    "dblink", "dblink_exec", "dblink_open", "dblink_send_query", "lo_export", "pg_file_write", "pg_file_unlink",
    "pg_file_rename", "pg_reload_conf", "pg_terminate_backend", "pg_cancel_backend", "pg_promote", "pg_switch_wal",
  ]

  /// Statements that call their functions now. A view or a function is only created, not run.
  private static let running: Set<String> = [
    "SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CreateTableAsStmt", "CopyStmt",
    "ExplainStmt",
  ]

  private func rows(_ type: String, _ tree: SyntaxNode) -> [Reach] {
    if type == "TruncateStmt" {
      return tree["TruncateStmt"]["relations"].items.compactMap { $0.as("RangeVar") }.compactMap(foreignTable)
    }
    guard Self.running.contains(type) else { return [] }
    var found: [Reach] = []
    func add(_ reach: Reach?) {
      if let reach, !found.contains(reach) { found.append(reach) }
    }
    tree.forEach { type, node in
      switch type {
      case "FuncCall":
        let name = node["funcname"].path.last ?? ""
        if Self.serverFunctions.contains(name) { add(.server("\(name)()")) }
        if Self.farFunctions.contains(name) { add(.elsewhere("\(name)() has an effect outside the database")) }
      case "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt": add(foreignTable(node["relation"]))
      case "CopyStmt":
        add(copy(node))
        if node["is_from"].isTrue { add(foreignTable(node["relation"])) }
      default: break
      }
    }
    return found
  }

  private func foreignTable(_ range: SyntaxNode) -> Reach? {
    guard let id = model.relationID(range["relname"].text ?? "", schema: range["schemaname"].text),
      let relation = model[id], relation.kind == .foreign
    else { return nil }
    return .elsewhere("\(relation.name.name) is a foreign table: its rows are on another server")
  }

  private func copy(_ node: SyntaxNode) -> Reach? {
    guard let file = node["filename"].text else { return nil }
    if node["is_program"].isTrue { return .elsewhere("COPY runs `\(file)` on the server") }
    return node["is_from"].isTrue ? nil : .elsewhere("COPY writes the file \(file) on the server")
  }
}

extension Linter {
  /// An error if the effect is certain and the statement can be replaced; a warning if belay cannot tell what it does.
  mutating func beyondDatabase(_ tree: SyntaxNode, _ model: SchemaModel) {
    for reach in BeyondDatabase(model, withoutSlot: withoutSlot).reaches(of: tree) { add(reach) }
    if let name = BeyondDatabase.subscriptionWithoutSlot(tree) { withoutSlot.insert(name) }
  }

  /// A statement that only a newer server understands.
  mutating func read(_ statement: UnparsedStatement, line: Int) {
    self.line = line
    if let reach = BeyondDatabase.reach(of: statement) { add(reach) }
  }

  private mutating func add(_ reach: BeyondDatabase.Reach) {
    switch reach {
    case .server(let what):
      add(
        .error, "server-wide",
        "\(what) has an effect outside the database: the rehearsal would change the server itself, and rollback cannot "
          + "undo it",
        hint: "do it by hand, before the migration")
    case .database(let what, let pattern):
      add(
        .error, "names-database",
        "\(what) names a database: the rehearsal would change that database, not its own copy",
        hint: "DO $$ BEGIN EXECUTE format('\(pattern)', current_database()); END $$")
    case .databaseItself(let what):
      add(
        .error, "names-database", "\(what) names a database: the rehearsal would change that database",
        hint: "do it by hand, before the migration")
    case .publisher(let what, let hint):
      add(
        .error, "subscription",
        "\(what) connects to the publisher: the rehearsal would do so too, with the same replication slot", hint: hint)
    case .elsewhere(let what):
      warn("reaches-out", "\(what); this happens in the rehearsal too, and rollback does not undo it")
    }
  }
}
