import BelayDriverKit

/// Statements about the transaction, the session and the server.
extension StatementReading {
  mutating func readTransaction(_ node: SyntaxNode) {
    switch node["kind"].text {
    case nil, "TRANS_STMT_BEGIN", "TRANS_STMT_START", "TRANS_STMT_SAVEPOINT": flags.insert(.opensTransaction)
    default: flags.insert(.endsTransaction)
    }
  }

  mutating func readSetting(_ node: SyntaxNode) {
    let name = node["name"].text?.lowercased() ?? ""
    switch node["kind"].text {
    case "VAR_RESET_ALL":
      model.searchPath = model.initialSearchPath
    case "VAR_SET_DEFAULT", "VAR_RESET":
      if name == "search_path" { model.searchPath = model.initialSearchPath }
      if name == "role" || name == "session_authorization" { model.user = model.initialUser }
    case "VAR_SET_MULTI":
      // It sets the defaults of later transactions; the open one keeps its own.
      if name == "session characteristics" { flags.insert(.onlyBeforeTransaction) }
    default:
      switch name {
      case "search_path":
        let names = node["args"].items.map { $0.word ?? "" }
        // SET search_path TO 'a, b' is one schema of that name; only SET … TO '' means none.
        model.searchPath = names.filter { !$0.isEmpty }
      case "default_transaction_isolation", "default_transaction_read_only", "default_transaction_deferrable":
        flags.insert(.onlyBeforeTransaction)
      case "role", "session_authorization":
        setRole(node["args"].items.first?.word)
      case "standard_conforming_strings":
        if ["off", "false", "0", "no"].contains(node["args"].items.first?.word?.lowercased() ?? "") {
          unread("it changes how strings are parsed, and belay parses them as standard SQL does")
        }
      default: break
      }
    }
  }

  /// nil: what it becomes is not known ahead.
  mutating func setRole(_ role: String?) {
    guard let role else { return }
    model.user = role.lowercased() == "none" ? model.initialUser : role
  }

  mutating func readMaintenance(_ type: String, _ node: SyntaxNode) {
    switch type {
    case "VacuumStmt":
      if node["is_vacuumcmd"].isTrue { flags.insert(.refusesTransaction) }
    case "ClusterStmt":
      guard node["relation"].isPresent else { return flags.formUnion(.refusesTransaction) }
      guard let id = existing(node["relation"]) else { return }
      if model[id]?.kind == .partitioned { flags.insert(.refusesTransaction) }
      write(id, .alter)
    case "ReindexStmt": readReindex(node)
    case "DiscardStmt":
      // The parser leaves out the first value of this enum.
      switch node["target"].text {
      case nil, "DISCARD_ALL":
        flags.insert(.refusesTransaction)
        model.endSession()
      case "DISCARD_TEMP": model.forgetTemporary()
      default: break
      }
    default: break
    }
  }

  private mutating func readReindex(_ node: SyntaxNode) {
    if hasOption("concurrently", node["params"]) { flags.insert(.refusesTransaction) }
    switch node["kind"].text {
    case "REINDEX_OBJECT_SCHEMA", "REINDEX_OBJECT_SYSTEM", "REINDEX_OBJECT_DATABASE":
      flags.insert(.refusesTransaction)
    default:
      guard let id = existing(node["relation"]), let relation = model[id] else { return }
      if relation.kind == .partitioned || relation.kind == .partitionedIndex { flags.insert(.refusesTransaction) }
      if relation.isIndex { return write(id, .alter) }
      for index in model.belongings(of: id) where index.isIndex {
        write(ObjectKind.index, schema: index.name.schema, index.name.name, parent: relation.name.name, .alter)
      }
    }
  }

  /// An option in parentheses that is on: `(CONCURRENTLY)`, `(slot = true)`.
  func hasOption(_ name: String, _ options: SyntaxNode, default byDefault: Bool = false) -> Bool {
    guard let option = options.items.lazy.compactMap({ $0.as("DefElem") }).first(where: { $0["defname"].text == name })
    else { return byDefault }
    let value = option["arg"]
    if let word = value.word?.lowercased() { return !["false", "off", "0", "no", "none"].contains(word) }
    if let boolean = value.as("Boolean") { return boolean["boolval"].isTrue }
    if let integer = value.as("Integer") { return integer["ival"].number != 0 }
    return true
  }

  // MARK: Outside the database

  /// - Returns: false if it is none of these.
  mutating func readServerObject(_ type: String, _ node: SyntaxNode) -> Bool {
    switch type {
    case "CreatedbStmt", "DropdbStmt":
      flags.insert(.refusesTransaction)
      write(ObjectKind.database, node["dbname"].text ?? "", type == "CreatedbStmt" ? .create : .drop)
    case "CreateTableSpaceStmt", "DropTableSpaceStmt":
      flags.insert(.refusesTransaction)
      write("tablespace", node["tablespacename"].text ?? "", type == "CreateTableSpaceStmt" ? .create : .drop)
    case "AlterTableSpaceOptionsStmt": write("tablespace", node["tablespacename"].text ?? "", .alter)
    case "AlterSystemStmt": flags.insert(.refusesTransaction)
    case "AlterDatabaseStmt":
      let movesFiles = node["options"].items.contains { $0.as("DefElem")?["defname"].text == "tablespace" }
      if movesFiles { flags.insert(.refusesTransaction) }
      write(ObjectKind.database, node["dbname"].text ?? "", .alter)
    case "AlterDatabaseRefreshCollStmt": write(ObjectKind.database, node["dbname"].text ?? "", .alter)
    case "AlterDatabaseSetStmt":
      write(ObjectKind.setting, node["setstmt"]["name"].text ?? "", [.create, .alter, .drop])
    case "AlterRoleSetStmt":
      write(ObjectKind.setting, node["setstmt"]["name"].text ?? "", [.create, .alter, .drop])
      write(ObjectKind.role, node["role"]["rolename"].text ?? "", .alter)
    case "CreateRoleStmt", "AlterRoleStmt":
      let name = node["role"].text ?? node["role"]["rolename"].text ?? ""
      write(ObjectKind.role, name, type == "CreateRoleStmt" ? .create : .alter)
    case "DropRoleStmt":
      for role in node["roles"].items.compactMap({ $0.as("RoleSpec")?["rolename"].text }) {
        write(ObjectKind.role, role, .drop)
      }
    case "GrantRoleStmt":
      for role in node["granted_roles"].items.compactMap({ $0.as("AccessPriv")?["priv_name"].text }) {
        write(ObjectKind.role, role, .alter)
      }
    case "DropOwnedStmt", "ReassignOwnedStmt":
      unread("it changes everything that belongs to a role, without naming it")
    default: return readSubscription(type, node)
    }
    return true
  }

  private mutating func readSubscription(_ type: String, _ node: SyntaxNode) -> Bool {
    let name = node["subname"].text ?? ""
    switch type {
    case "CreateSubscriptionStmt":
      let connects = hasOption("connect", node["options"], default: true)
      if connects, hasOption("create_slot", node["options"], default: true) { flags.insert(.refusesTransaction) }
      write("subscription", name, .create)
    case "AlterSubscriptionStmt":
      switch node["kind"].text {
      case "ALTER_SUBSCRIPTION_REFRESH": flags.insert(.refusesTransaction)
      case "ALTER_SUBSCRIPTION_SET_PUBLICATION", "ALTER_SUBSCRIPTION_ADD_PUBLICATION",
        "ALTER_SUBSCRIPTION_DROP_PUBLICATION":
        if hasOption("refresh", node["options"], default: true) { flags.insert(.refusesTransaction) }
      default: break
      }
      write("subscription", name, .alter)
    case "DropSubscriptionStmt":
      // A subscription without a slot may be dropped in a transaction, but only the server knows whether it has one.
      flags.insert(.refusesTransaction)
      write("subscription", name, .drop)
    default: return false
    }
    return true
  }
}
