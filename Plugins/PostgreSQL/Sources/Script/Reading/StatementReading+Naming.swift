import BelayDriverKit

/// DROP, RENAME, SET SCHEMA, GRANT: one form for all kinds of objects.
extension StatementReading {
  /// An object as the parser names it in DROP, COMMENT, OWNER TO …
  struct Target {
    var kind: String
    var schema = ""
    var name: String
    var parent = ""
    var relation: Int?
  }

  /// nil: it is not there, and that was flagged unless it may miss.
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
        if !mayMiss { unread("there is no type \(path.joined(separator: ".")) when it runs, as far as can be told") }
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

  /// Extended statistics are called after their table too.
  mutating func statistics(_ path: [String], mayMiss: Bool) -> Target? {
    let schemas = path.count > 1 ? [path[path.count - 2]] : model.schemasInPath
    for schema in schemas {
      let name = QualifiedName(schema: schema, name: path.last ?? "")
      guard let table = model.statistics[name], let parent = model[table]?.name.name else { continue }
      return Target(kind: ObjectKind.statistics, schema: name.schema, name: name.name, parent: parent)
    }
    if !mayMiss { unread("there are no statistics \(path.joined(separator: ".")) when it runs, as far as can be told") }
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
      if model.hasUnknown {
        let name = newName(path)
        return Target(kind: ObjectKind.function, schema: name.schema, name: "\(name.name)(\(wanted))")
      }
      if !mayMiss, path.first != "pg_catalog" {
        unread("there is no function \(path.joined(separator: ".")) when it runs, as far as can be told")
      }
      return nil
    }
    return Target(kind: found.kind, schema: found.name.schema, name: found.signature)
  }

  /// As the catalog calls it: a prefix operator has nothing on its left.
  func operatorName(_ name: String, _ operands: [SyntaxNode?]) -> String {
    let shown = operands.map { $0.map { TypeSpelling.argument($0, in: model) } ?? "NONE" }
    return "\(name)(\(shown.joined(separator: ", ")))"
  }

  func transformName(_ type: SyntaxNode, _ language: String) -> String {
    "FOR \(TypeSpelling.argument(type, in: model)) LANGUAGE \(SQLName.shown(language))"
  }

  mutating func write(_ target: Target, _ actions: ScriptWrite.Actions) {
    write(target.kind, schema: target.schema, target.name, parent: target.parent, actions)
  }

  // MARK: Statements

  mutating func readDrop(_ node: SyntaxNode) {
    let type = node["removeType"].text ?? ""
    if node["concurrent"].isTrue { flags.insert(.refusesTransaction) }
    for object in node["objects"].items {
      guard let target = target(type, object, mayMiss: node["missing_ok"].isTrue) else { continue }
      if ObjectKind.relations.contains(type), let id = target.relation {
        dropRelation(id)
      } else if type == "OBJECT_SCHEMA" {
        write(target, .drop)
        dropSchema(target.name)
      } else {
        write(target, .drop)
        forget(target)
      }
    }
  }

  /// Partitions and owned sequences are parts of a table; what else goes with it is for the host to find.
  private mutating func dropRelation(_ id: Int) {
    guard let relation = model[id] else { return }
    write(id, .drop)
    if relation.kind == .partitioned {
      for child in relation.children { dropRelation(child) }
    }
    for sequence in model.belongings(of: id) where sequence.kind == .sequence {
      if let other = model.names[sequence.name] { write(other, .drop) }
    }
    model.remove(id)
  }

  private mutating func dropSchema(_ name: String) {
    for id in model.relations.keys where model[id]?.name.schema == name { model.remove(id) }
    model.routines.removeAll { $0.name.schema == name }
    model.types = model.types.filter { $0.key.schema != name }
    model.schemas.remove(name)
  }

  private mutating func forget(_ target: Target) {
    switch target.kind {
    case ObjectKind.function, ObjectKind.procedure, ObjectKind.aggregate:
      model.routines.removeAll { $0.name.schema == target.schema && $0.signature == target.name }
    case ObjectKind.statistics: model.statistics[QualifiedName(schema: target.schema, name: target.name)] = nil
    case ObjectKind.type: model.types[QualifiedName(schema: target.schema, name: target.name)] = nil
    default: break
    }
  }

  mutating func readRename(_ node: SyntaxNode) {
    let type = node["renameType"].text ?? ""
    let new = node["newname"].text ?? ""
    let old = node["subname"].text ?? ""
    let mayMiss = node["missing_ok"].isTrue
    if ObjectKind.relations.contains(type) {
      guard let id = existing(node["relation"], mayMiss: mayMiss) else { return }
      let name = model[id]?.name.name ?? ""
      rename(id, to: new)
      // An index and the constraint that stands on it have one name.
      if let index = model[id], index.isIndex, let table = index.table {
        renameConstraint(name, to: new, of: table, withIndex: false)
      }
      return
    }
    switch type {
    case "OBJECT_COLUMN", "OBJECT_ATTRIBUTE":
      guard let id = existing(node["relation"], mayMiss: mayMiss) else { return }
      for member in family(id, node["relation"]) { renameColumn(old, to: new, of: member) }
    case "OBJECT_TABCONSTRAINT":
      guard let id = existing(node["relation"], mayMiss: mayMiss) else { return }
      for member in family(id, node["relation"]) { renameConstraint(old, to: new, of: member, withIndex: true) }
    case "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE":
      guard let id = existing(node["relation"], mayMiss: mayMiss), let kind = ObjectKind.onTable[type] else { return }
      writePart(kind, old, of: id, [.drop, .alter])
      writePart(kind, new, of: id, [.create, .alter])
    case "OBJECT_SCHEMA": renameSchema(old, to: new)
    case "OBJECT_DOMCONSTRAINT":
      guard let found = model.typeName(node["object"].path)?.name else { return }
      write(ObjectKind.constraint, schema: found.schema, old, parent: found.name, [.drop, .alter])
      write(ObjectKind.constraint, schema: found.schema, new, parent: found.name, [.create, .alter])
    default:
      let subject = node["object"].isPresent ? target(type, node["object"], mayMiss: mayMiss) : nil
      if let subject {
        rename(subject, to: new)
      } else if let kind = ObjectKind.plain[type] {
        rename(Target(kind: kind, name: old), to: new)
      } else if !mayMiss, !flags.contains(.unread) {
        unread("belay does not know what this RENAME names")
      }
    }
  }

  private mutating func rename(_ target: Target, to name: String? = nil, schema: String? = nil) {
    write(target, [.drop, .alter])
    var new = target
    if let schema { new.schema = schema }
    if [ObjectKind.function, ObjectKind.procedure, ObjectKind.aggregate].contains(target.kind) {
      for index in model.routines.indices
      where model.routines[index].name.schema == target.schema && model.routines[index].signature == target.name {
        if let name { model.routines[index].name.name = name }
        if let schema { model.routines[index].name.schema = schema }
        new.name = model.routines[index].signature
      }
    } else if let name {
      new.name = name
    }
    if target.kind == ObjectKind.type,
      var type = model.types.removeValue(forKey: QualifiedName(schema: target.schema, name: target.name))
    {
      type.name = QualifiedName(schema: new.schema, name: new.name)
      model.types[type.name] = type
      write(new, [.create, .alter])
      return renameInSignatures(
        QualifiedName(schema: target.schema, name: target.name), to: QualifiedName(schema: new.schema, name: new.name))
    }
    if target.kind == ObjectKind.statistics,
      let table = model.statistics.removeValue(forKey: QualifiedName(schema: target.schema, name: target.name))
    {
      model.statistics[QualifiedName(schema: new.schema, name: new.name)] = table
    }
    write(new, [.create, .alter])
  }

  /// A type, or a table's row, has another name: so have the functions that take it.
  mutating func renameInSignatures(_ old: QualifiedName, to new: QualifiedName) {
    let spelled = { (name: QualifiedName) in "\(SQLName.shown(name.schema)).\(SQLName.shown(name.name))" }
    let (former, now) = (spelled(old), spelled(new))
    for index in model.routines.indices {
      let routine = model.routines[index]
      let arguments = routine.arguments.split(separator: ", ").map { argument in
        argument == former ? now : argument == former + "[]" ? now + "[]" : String(argument)
      }.joined(separator: ", ")
      guard arguments != routine.arguments else { continue }
      write(routine.kind, schema: routine.name.schema, routine.signature, [.drop, .alter])
      model.routines[index].arguments = arguments
      write(routine.kind, schema: routine.name.schema, model.routines[index].signature, [.create, .alter])
    }
  }

  private mutating func renameColumn(_ old: String, to new: String, of id: Int) {
    guard let relation = model[id] else { return }
    if relation.kind == .composite {
      return write(ObjectKind.type, schema: relation.name.schema, relation.name.name, .alter)
    }
    write(id, .alter)
    writePart(ObjectKind.column, old, of: id, [.drop, .alter])
    writePart(ObjectKind.column, new, of: id, [.create, .alter])
    if relation.columns.contains(where: { $0.name == old && $0.hasDefault }) {
      writePart(ObjectKind.defaultValue, old, of: id, [.drop, .alter])
      writePart(ObjectKind.defaultValue, new, of: id, [.create, .alter])
    }
    let renamed = { (name: String) in name == old ? new : name }
    model.change(id) { relation in
      for index in relation.columns.indices { relation.columns[index].name = renamed(relation.columns[index].name) }
      for index in relation.constraints.indices {
        relation.constraints[index].columns = relation.constraints[index].columns.map(renamed)
      }
    }
    for belonging in model.belongings(of: id) {
      guard let other = model.names[belonging.name] else { continue }
      model.change(other) { relation in
        if relation.ownerColumn == old { relation.ownerColumn = new }
        for index in relation.columns.indices { relation.columns[index].name = renamed(relation.columns[index].name) }
      }
    }
  }

  private mutating func renameConstraint(_ old: String, to new: String, of id: Int, withIndex: Bool) {
    guard let relation = model[id], relation.constraints.contains(where: { $0.name == old }) || withIndex else {
      return
    }
    write(id, .alter)
    writePart(ObjectKind.constraint, old, of: id, [.drop, .alter])
    writePart(ObjectKind.constraint, new, of: id, [.create, .alter])
    model.change(id) { relation in
      for index in relation.constraints.indices where relation.constraints[index].name == old {
        relation.constraints[index].name = new
      }
    }
    if withIndex, let index = model.relationID(old, schema: relation.name.schema), model[index]?.table == id {
      rename(index, to: new)
    }
  }

  /// Everything in it has another name afterwards.
  private mutating func renameSchema(_ old: String, to new: String) {
    write(ObjectKind.schema, old, [.drop, .alter])
    write(ObjectKind.schema, new, [.create, .alter])
    model.schemas.remove(old)
    model.schemas.insert(new)
    for id in model.relations.keys.sorted() where model[id]?.name.schema == old { rename(id, schema: new) }
    for type in model.types.values where type.name.schema == old {
      rename(Target(kind: ObjectKind.type, schema: old, name: type.name.name), schema: new)
    }
    for routine in model.routines where routine.name.schema == old {
      rename(Target(kind: routine.kind, schema: old, name: routine.signature), schema: new)
    }
  }

  mutating func readSetSchema(_ node: SyntaxNode) {
    let type = node["objectType"].text ?? ""
    let schema = node["newschema"].text ?? ""
    let mayMiss = node["missing_ok"].isTrue
    if node["relation"].isPresent {
      guard let id = existing(node["relation"], mayMiss: mayMiss) else { return }
      let belongings = model.belongings(of: id)
      rename(id, schema: schema)
      for belonging in belongings {
        if let other = model.names[belonging.name] { rename(other, schema: schema) }
      }
    } else if type == "OBJECT_EXTENSION" {
      if let target = target(type, node["object"]) { write(target, .alter) }
      unread("all that the extension holds moves to another schema")
    } else if let target = target(type, node["object"], mayMiss: mayMiss) {
      rename(target, schema: schema)
    }
  }

  // MARK: Rights

  mutating func readGrant(_ node: SyntaxNode) {
    let type = node["objtype"].text ?? "OBJECT_TABLE"
    let targets: [Target]
    if node["targtype"].text == "ACL_TARGET_ALL_IN_SCHEMA" {
      targets = node["objects"].items.compactMap(\.word).flatMap { everything(type, in: $0) }
    } else {
      targets = node["objects"].items.compactMap { target(type, $0) }
    }
    let columns = Set(node["privileges"].items.compactMap { $0.as("AccessPriv") }.flatMap { $0["cols"].path })
    for target in targets {
      write(target, .alter)
      for column in columns.sorted() {
        let isTable = target.kind == ObjectKind.table
        write(
          isTable ? ObjectKind.column : ObjectKind.viewColumn, schema: target.schema, column, parent: target.name,
          isTable ? .alter : [.create, .alter, .drop])
      }
    }
  }

  private func everything(_ type: String, in schema: String) -> [Target] {
    if ObjectKind.routines.contains(type) {
      return model.routines.filter { $0.name.schema == schema }.map {
        Target(kind: $0.kind, schema: schema, name: $0.signature)
      }
    }
    return model.relations.values.filter { relation in
      relation.name.schema == schema
        && (type == "OBJECT_SEQUENCE" ? relation.kind == .sequence : relation.isTable || relation.kind == .view)
    }.map { Target(kind: $0.objectKind, schema: schema, name: $0.name.name) }.sorted { $0.name < $1.name }
  }
}
