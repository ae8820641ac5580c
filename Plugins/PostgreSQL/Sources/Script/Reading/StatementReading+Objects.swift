import BelayDriverKit

/// Objects that hold no rows: types, functions, triggers, policies, extensions …
extension StatementReading {
  /// - Returns: false if it is none of these.
  mutating func readObject(_ type: String, _ node: SyntaxNode) -> Bool {
    switch type {
    case "CreateFunctionStmt": readCreateFunction(node)
    case "AlterFunctionStmt":
      if let target = target("OBJECT_FUNCTION", node["func"]) { write(target, .alter) }
    case "CreateTrigStmt", "RuleStmt", "CreatePolicyStmt", "AlterPolicyStmt": readOnTable(type, node)
    case "CompositeTypeStmt": addType(newName(node["typevar"]), .composite)
    case "CreateEnumStmt": addType(newName(node["typeName"].path), .enumeration)
    case "CreateRangeStmt": addType(newName(node["typeName"].path), .range)
    case "CreateDomainStmt": readCreateDomain(node)
    case "AlterEnumStmt", "AlterDomainStmt", "AlterTypeStmt":
      let path = node["typeName"].path
      if let found = model.typeName(path) {
        write(ObjectKind.type, schema: found.name.schema, found.name.name, .alter)
        if type == "AlterDomainStmt" { readAlterDomain(node) }
      } else if !model.isServers(path, among: model.server.types) {
        unread("as far as belay can tell, there is no type \(path.joined(separator: ".")) when it runs")
      }
    case "DefineStmt": readDefine(node)
    case "CommentStmt": readComment(node)
    case "AlterOwnerStmt", "AlterObjectDependsStmt":
      let object = node["object"].isPresent ? node["object"] : node["relation"]
      if let target = target(node["objectType"].text ?? "OBJECT_ACCESS_METHOD", object) { write(target, .alter) }
    case "AlterDefaultPrivilegesStmt": readDefaultPrivileges(node)
    case "CreateStatsStmt": readStatistics(node)
    case "AlterStatsStmt":
      if let target = statistics(node["defnames"].path, mayMiss: node["missing_ok"].isTrue) { write(target, .alter) }
    case "CreateExtensionStmt":
      write(ObjectKind.extension, node["extname"].text ?? "", .create)
      model.hasUnknown = true
    case "AlterExtensionStmt", "AlterExtensionContentsStmt":
      write(ObjectKind.extension, node["extname"].text ?? "", .alter)
    case "ImportForeignSchemaStmt": unread("it creates tables whose names only the foreign server knows")
    default: return readNamed(type, node)
    }
    return true
  }

  private static let plurals: [String: String] = [
    "OBJECT_TABLE": "TABLES", "OBJECT_SEQUENCE": "SEQUENCES", "OBJECT_FUNCTION": "FUNCTIONS", "OBJECT_TYPE": "TYPES",
    "OBJECT_SCHEMA": "SCHEMAS", "OBJECT_ROUTINE": "FUNCTIONS", "OBJECT_LARGEOBJECT": "LARGE OBJECTS",
  ]

  private mutating func readDefaultPrivileges(_ node: SyntaxNode) {
    let options = node["options"].items.compactMap { $0.as("DefElem") }
    func listed(_ name: String) -> [SyntaxNode] {
      options.first { $0["defname"].text == name }?["arg"].as("List")?["items"].items ?? []
    }
    let roles = listed("roles").map { $0.as("RoleSpec")?["rolename"].text ?? model.user }
    let schemas = listed("schemas").compactMap(\.word)
    let plural = Self.plurals[node["action"]["objtype"].text ?? "OBJECT_TABLE"] ?? "TABLES"
    for role in roles.isEmpty ? [model.user] : roles {
      for schema in schemas.isEmpty ? [""] : schemas {
        write(ObjectKind.defaultACL, schema: schema, "\(plural) of \(role)", [.create, .alter, .drop])
      }
    }
  }

  /// ALTER DOMAIN; its checks are objects of their own.
  private mutating func readAlterDomain(_ node: SyntaxNode) {
    guard let found = model.typeName(node["typeName"].path)?.name else { return }
    switch node["subtype"].text {
    case "C":
      let name = node["def"].as("Constraint")?["conname"].text ?? "\(found.name)_check"
      write(ObjectKind.constraint, schema: found.schema, name, parent: found.name, .create)
    case "X":
      write(ObjectKind.constraint, schema: found.schema, node["name"].text ?? "", parent: found.name, .drop)
    case "V":
      write(ObjectKind.constraint, schema: found.schema, node["name"].text ?? "", parent: found.name, .alter)
    default: break
    }
  }

  private mutating func readCreateDomain(_ node: SyntaxNode) {
    let name = newName(node["domainname"].path)
    addType(name, .domain)
    var number = 0
    for constraint in node["constraints"].items.compactMap({ $0.as("Constraint") })
    where constraint["contype"].text == "CONSTR_CHECK" {
      let chosen = "\(name.name)_check" + (number == 0 ? "" : String(number))
      if constraint["conname"].text == nil { number += 1 }
      write(
        ObjectKind.constraint, schema: name.schema, constraint["conname"].text ?? chosen, parent: name.name, .create)
    }
  }

  private mutating func addType(_ name: QualifiedName, _ form: SchemaModel.UserType.Form) {
    model.types[name] = SchemaModel.UserType(name: name, form: form)
    write(ObjectKind.type, schema: name.schema, name.name, .create)
    if form == .composite { model.add(SchemaModel.Relation(name: name, kind: .composite)) }
  }

  private mutating func readCreateFunction(_ node: SyntaxNode) {
    let name = newName(node["funcname"].path)
    let inputs = node["parameters"].items.compactMap { $0.as("FunctionParameter") }.filter {
      !["FUNC_PARAM_OUT", "FUNC_PARAM_TABLE"].contains($0["mode"].text ?? "")
    }
    let options = node["options"].items.compactMap { $0.as("DefElem") }
    let volatility = options.first { $0["defname"].text == "volatility" }?["arg"].word
    let routine = SchemaModel.Routine(
      name: name, kind: node["is_procedure"].isTrue ? ObjectKind.procedure : ObjectKind.function,
      arguments: inputs.map { TypeSpelling.argument($0["argType"], in: model) }.joined(separator: ", "),
      isVolatile: volatility == nil || volatility == "volatile", extensionName: "")
    let exists = model.routines.contains { $0.name == name && $0.arguments == routine.arguments }
    model.routines.removeAll { $0.name == name && $0.arguments == routine.arguments }
    model.routines.append(routine)
    write(routine.kind, schema: name.schema, routine.signature, exists ? .alter : .create)
  }

  private mutating func readOnTable(_ type: String, _ node: SyntaxNode) {
    let table = node[type == "CreatePolicyStmt" || type == "AlterPolicyStmt" ? "table" : "relation"]
    guard let id = existing(table) else { return }
    switch type {
    case "CreateTrigStmt": writePart(ObjectKind.trigger, node["trigname"].text ?? "", of: id, .create)
    case "RuleStmt":
      writePart(ObjectKind.rule, node["rulename"].text ?? "", of: id, .create)
      model.change(id) { $0.isRewritten = true }
      return
    default:
      let action: WriteActions = type == "CreatePolicyStmt" ? .create : .alter
      writePart(ObjectKind.policy, node["policy_name"].text ?? "", of: id, action)
    }
    if type == "CreateTrigStmt", node["timing"].number & 64 != 0 { model.change(id) { $0.isRewritten = true } }
  }

  private mutating func readDefine(_ node: SyntaxNode) {
    let type = node["kind"].text ?? ""
    let name = newName(node["defnames"].path)
    switch type {
    case "OBJECT_AGGREGATE":
      let inputs = (node["args"].items.first?.as("List")?["items"].items ?? []).compactMap {
        $0.as("FunctionParameter")
      }
      let routine = SchemaModel.Routine(
        name: name, kind: ObjectKind.aggregate,
        arguments: inputs.map { TypeSpelling.argument($0["argType"], in: model) }.joined(separator: ", "),
        isVolatile: false, extensionName: "")
      model.routines.append(routine)
      write(routine.kind, schema: name.schema, routine.signature, .create)
    case "OBJECT_TYPE": addType(name, .base)
    case "OBJECT_OPERATOR":
      let definition = node["definition"].items.compactMap { $0.as("DefElem") }
      let operands = ["leftarg", "rightarg"].map { side in
        definition.first { $0["defname"].text == side }?["arg"].as("TypeName")
      }
      write("operator", schema: name.schema, operatorName(name.name, operands), .create)
    default:
      write(ObjectKind.inSchema[type] ?? type, schema: name.schema, name.name, .create)
    }
  }

  private mutating func readComment(_ node: SyntaxNode) {
    guard let target = target(node["objtype"].text ?? "OBJECT_ACCESS_METHOD", node["object"]) else { return }
    write(target, target.kind == ObjectKind.viewColumn ? [.create, .alter, .drop] : .alter)
  }

  private mutating func readStatistics(_ node: SyntaxNode) {
    let table = node["relations"].items.first?.as("RangeVar").flatMap { existing($0) }
    let path = node["defnames"].path
    var name = newName(path)
    if path.isEmpty, let table, let relation = model[table] {
      let columns = node["exprs"].items.map { $0.as("StatsElem")?["name"].text ?? "expr" }
      name = QualifiedName(
        schema: relation.name.schema,
        name: model.chosenName(
          relation.name.name, columns.joined(separator: "_"), "stat", in: relation.name.schema))
    }
    guard let table, let parent = model[table]?.name.name else { return }
    model.statistics[name] = table
    model.statisticsColumns[name] = columns(in: node["exprs"], of: table).union(
      node["exprs"].items.compactMap { $0.as("StatsElem")?["name"].text })
    write(ObjectKind.statistics, schema: name.schema, name.name, parent: parent, .create)
  }

  mutating func readSchema(_ node: SyntaxNode) {
    let name = node["schemaname"].text ?? node["authrole"]["rolename"].text ?? ""
    if model.schemas.contains(name) {
      if !node["if_not_exists"].isTrue { unread("as far as belay can tell, the schema \(name) already exists") }
    } else {
      write(ObjectKind.schema, name, .create)
    }
    model.schemas.insert(name)
    let path = model.searchPath
    model.searchPath = [name] + path
    for element in node["schemaElts"].items { read(element) }
    model.searchPath = path
  }

  // MARK: Objects with a plain name

  /// Statements that create or alter an object by name: its kind, the field that holds the name, and the action.
  private static let named: [String: (kind: String, field: String, actions: WriteActions)] = [
    "CreatePublicationStmt": ("publication", "pubname", .create),
    "AlterPublicationStmt": ("publication", "pubname", .alter),
    "CreateEventTrigStmt": ("event_trigger", "trigname", .create),
    "AlterEventTrigStmt": ("event_trigger", "trigname", .alter),
    "CreateForeignServerStmt": ("foreign_server", "servername", .create),
    "AlterForeignServerStmt": ("foreign_server", "servername", .alter),
    "CreateFdwStmt": ("foreign_data_wrapper", "fdwname", .create),
    "AlterFdwStmt": ("foreign_data_wrapper", "fdwname", .alter),
    "CreatePLangStmt": ("language", "plname", .create),
    "CreateAmStmt": ("access_method", "amname", .create),
  ]

  /// The same for objects in a schema, whose field holds the name in parts.
  private static let inSchema: [String: (kind: String, field: String, actions: WriteActions)] = [
    "CreateConversionStmt": ("conversion", "conversion_name", .create),
    "AlterCollationStmt": ("collation", "collname", .alter),
    "AlterTSDictionaryStmt": ("text_search_dictionary", "dictname", .alter),
    "AlterTSConfigurationStmt": ("text_search_configuration", "cfgname", .alter),
  ]

  private mutating func readNamed(_ type: String, _ node: SyntaxNode) -> Bool {
    if let (kind, field, actions) = Self.named[type] {
      write(kind, node[field].text ?? "", actions)
    } else if let (kind, field, actions) = Self.inSchema[type] {
      let name = newName(node[field].path)
      write(kind, schema: name.schema, name.name, actions)
    } else {
      switch type {
      case "CreateUserMappingStmt", "AlterUserMappingStmt", "DropUserMappingStmt":
        let isPublic = node["user"]["roletype"].text == "ROLESPEC_PUBLIC"
        let name = node["user"]["rolename"].text ?? (isPublic ? "public" : model.user)
        let actions: WriteActions =
          type == "CreateUserMappingStmt" ? .create : type == "DropUserMappingStmt" ? .drop : .alter
        write("user_mapping", name, parent: node["servername"].text ?? "", actions)
      case "CreateOpClassStmt", "CreateOpFamilyStmt", "AlterOpFamilyStmt":
        let isClass = type == "CreateOpClassStmt"
        let name = newName(node[isClass ? "opclassname" : "opfamilyname"].path)
        write(
          isClass ? "operator_class" : "operator_family", schema: name.schema,
          "\(name.name) USING \(node["amname"].text ?? "")", type == "AlterOpFamilyStmt" ? .alter : .create)
      case "AlterOperatorStmt":
        let name = newName(node["opername"]["objname"].path)
        let operands = node["opername"]["objargs"].items.map { $0.as("TypeName") }
        write("operator", schema: name.schema, operatorName(name.name, operands), .alter)
      case "CreateCastStmt":
        let types = [node["sourcetype"], node["targettype"]].map { TypeSpelling.argument($0, in: model) }
        write("cast", "(\(types.joined(separator: " AS ")))", .create)
      case "CreateTransformStmt":
        write("transform", transformName(node["type_name"], node["lang"].text ?? ""), .create)
      default: return false
      }
    }
    return true
  }
}
