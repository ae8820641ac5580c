import BelayDriverKit

/// The objects that DROP, RENAME, SET SCHEMA, COMMENT and GRANT name, in one form for all kinds.
extension StatementReading {
  /// An object as the parser names it in DROP, COMMENT, OWNER TO …
  struct Target {
    var kind: String
    var schema = ""
    var name: String
    var parent = ""
    var relation: Int?
  }

  /// nil: it does not exist, and that was flagged unless it may be missing.
  mutating func target(_ type: String, _ object: SyntaxNode, mayMiss: Bool = false) -> Target? {
    let path = path(of: object)
    if ObjectKind.relations.contains(type) {
      guard let id = existing(path, mayMiss: mayMiss), let relation = model[id] else { return nil }
      return Target(
        kind: relation.objectKind, schema: relation.name.schema, name: relation.name.name,
        parent: model.parent(of: relation), relation: id)
    }
    if let kind = ObjectKind.plain[type] { return Target(kind: kind, name: path.last ?? "") }
    if let kind = ObjectKind.inSchema[type] {
      // CREATE OPERATOR CLASS … USING btree puts the access method first.
      let isFamily = type == "OBJECT_OPCLASS" || type == "OBJECT_OPFAMILY"
      let name = newName(isFamily ? Array(path.dropFirst()) : path)
      if isFamily { return Target(kind: kind, schema: name.schema, name: "\(name.name) USING \(path.first ?? "")") }
      if type == "OBJECT_OPERATOR" {
        let operands = (object.as("ObjectWithArgs")?["objargs"].items ?? []).map { $0.as("TypeName") }
        return Target(kind: kind, schema: name.schema, name: operatorName(name.name, operands))
      }
      return Target(kind: kind, schema: name.schema, name: name.name)
    }
    if let kind = ObjectKind.onTable[type] {
      guard path.count > 1, let id = existing(Array(path.dropLast()), mayMiss: mayMiss), let table = model[id] else {
        return nil
      }
      return Target(
        kind: kind, schema: table.name.schema, name: path.last ?? "", parent: table.name.name, relation: id)
    }
    if type == "OBJECT_STATISTIC_EXT" { return statistics(path, mayMiss: mayMiss) }
    if type == "OBJECT_DOMCONSTRAINT" {
      let parts = object.as("List")?["items"].items ?? []
      guard let domain = parts.first?.as("TypeName"), let found = model.typeName(domain["names"].path)?.name else {
        return nil
      }
      return Target(
        kind: ObjectKind.constraint, schema: found.schema, name: parts.last?.word ?? "", parent: found.name)
    }
    if ObjectKind.routines.contains(type) { return routine(object, mayMiss: mayMiss) }
    if ObjectKind.types.contains(type) {
      guard let found = model.typeName(path) else {
        if !mayMiss, !model.isServers(path, among: model.server.types) {
          unread("as far as belay can tell, there is no type \(path.joined(separator: ".")) when it runs")
        }
        return nil
      }
      return Target(kind: ObjectKind.type, schema: found.name.schema, name: found.name.name)
    }
    switch type {
    case "OBJECT_COLUMN":
      guard path.count > 1, let id = existing(Array(path.dropLast()), mayMiss: mayMiss), let table = model[id] else {
        return nil
      }
      return Target(
        kind: table.isTable ? ObjectKind.column : ObjectKind.viewColumn, schema: table.name.schema,
        name: path.last ?? "", parent: table.name.name, relation: id)
    case "OBJECT_CAST":
      let types = (object.as("List")?["items"].items ?? []).compactMap { $0.as("TypeName") }
      return Target(
        kind: "cast", name: "(\(types.map { TypeSpelling.argument($0, in: model) }.joined(separator: " AS ")))")
    case "OBJECT_LARGEOBJECT":
      return Target(kind: ObjectKind.largeObject, name: String(object.as("Integer")?["ival"].number ?? 0))
    case "OBJECT_TRANSFORM":
      let parts = object.as("List")?["items"].items ?? []
      guard let type = parts.first?.as("TypeName"), let language = parts.last?.word else { return nil }
      return Target(kind: "transform", name: transformName(type, language))
    default: return nil
    }
  }

  private func path(of object: SyntaxNode) -> [String] {
    switch object.typed {
    case ("String", _): object.word.map { [$0] } ?? []
    case ("List", _): object.path
    case ("TypeName", let type): type["names"].path
    case ("ObjectWithArgs", let routine): routine["objname"].path
    case ("RangeVar", let range):
      (range["schemaname"].text.map { [$0] } ?? []) + [range["relname"].text ?? ""]
    case ("RoleSpec", let role): [role["rolename"].text ?? ""]
    default: object.path
    }
  }

  /// In the catalog, the name of extended statistics includes their table.
  mutating func statistics(_ path: [String], mayMiss: Bool) -> Target? {
    let schemas = path.count > 1 ? [path[path.count - 2]] : model.schemasInPath
    for schema in schemas {
      let name = QualifiedName(schema: schema, name: path.last ?? "")
      guard let table = model.statistics[name], let parent = model[table]?.name.name else { continue }
      return Target(kind: ObjectKind.statistics, schema: name.schema, name: name.name, parent: parent)
    }
    if !mayMiss {
      unread("as far as belay can tell, there are no statistics \(path.joined(separator: ".")) when it runs")
    }
    return nil
  }

  /// The overload that is meant: by its argument types, or the only one of its name.
  private mutating func routine(_ object: SyntaxNode, mayMiss: Bool) -> Target? {
    let node = object.as("ObjectWithArgs") ?? object
    let path = node["objname"].path
    let candidates = model.routines(path)
    let wanted = node["objargs"].items.compactMap { $0.as("TypeName") }
      .map { TypeSpelling.argument($0, in: model) }.joined(separator: ", ")
    let exact = candidates.first { $0.arguments == wanted }
    guard let found = exact ?? (candidates.count == 1 ? candidates[0] : nil) else {
      if model.isServers(path, among: model.server.routines) { return nil }
      if model.hasUnknown {
        let name = newName(path)
        return Target(kind: ObjectKind.function, schema: name.schema, name: "\(name.name)(\(wanted))")
      }
      if !mayMiss {
        unread("as far as belay can tell, there is no function \(path.joined(separator: ".")) when it runs")
      }
      return nil
    }
    return Target(kind: found.kind, schema: found.name.schema, name: found.signature)
  }

  /// The operator's name in the catalog: a prefix operator has no left operand.
  func operatorName(_ name: String, _ operands: [SyntaxNode?]) -> String {
    let shown = operands.map { $0.map { TypeSpelling.argument($0, in: model) } ?? "NONE" }
    return "\(name)(\(shown.joined(separator: ", ")))"
  }

  func transformName(_ type: SyntaxNode, _ language: String) -> String {
    "FOR \(TypeSpelling.argument(type, in: model)) LANGUAGE \(SQLName.shown(language))"
  }

  mutating func write(_ target: Target, _ actions: WriteActions) {
    write(target.kind, schema: target.schema, target.name, parent: target.parent, actions)
  }
}
