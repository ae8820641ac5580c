import BelayDriverKit

/// RENAME and SET SCHEMA: the object under its old name and its new one, and what is named after it.
extension StatementReading {
  mutating func readRename(_ node: SyntaxNode) {
    let type = node["renameType"].text ?? ""
    let new = node["newname"].text ?? ""
    let old = node["subname"].text ?? ""
    let mayMiss = node["missing_ok"].isTrue
    if ObjectKind.relations.contains(type) {
      guard let id = existing(node["relation"], mayMiss: mayMiss) else { return }
      let name = model[id]?.name.name ?? ""
      rename(id, to: new)
      // An index and the constraint that uses it have the same name.
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
        unread("belay cannot tell what this RENAME renames")
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

  /// A type, or a table's row type, is renamed: this renames the functions that take it too.
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
    for (statistics, columns) in model.statisticsColumns
    where columns.contains(old) && model.statistics[statistics] == id {
      model.statisticsColumns[statistics] = columns.subtracting([old]).union([new])
    }
    if let grants = model.columnGrants[id]?.removeValue(forKey: old) {
      let others = grants.map { String($0.dropLast(old.count + 2)) + "(\(new))" }
      for grant in grants { writePart(ObjectKind.grant, grant, of: id, [.drop, .alter]) }
      for grant in others { writePart(ObjectKind.grant, grant, of: id, [.create, .alter]) }
      model.columnGrants[id]?[new] = others
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
        if relation.needs.remove(old) != nil { relation.needs.insert(new) }
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

  /// Everything in the schema has another name afterwards.
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
      unread("all objects of the extension move to another schema")
    } else if let target = target(type, node["object"], mayMiss: mayMiss) {
      rename(target, schema: schema)
    }
  }

  /// The old name and the new one.
  mutating func rename(_ id: Int, to name: String? = nil, schema: String? = nil) {
    write(id, [.drop, .alter])
    let old = model[id]
    model.change(id) {
      if let name { $0.name.name = name }
      if let schema { $0.name.schema = schema }
    }
    write(id, [.create, .alter])
    guard let old, let new = model[id] else { return }
    if !old.isIndex, old.kind != .sequence { renameInSignatures(old.name, to: new.name) }
    guard old.isTable else { return }
    for column in old.columns {
      write(ObjectKind.column, schema: old.name.schema, column.name, parent: old.name.name, [.drop, .alter])
      write(ObjectKind.column, schema: new.name.schema, column.name, parent: new.name.name, [.create, .alter])
    }
  }
}
