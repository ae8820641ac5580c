import BelayDriverKit

/// DROP, which has one form for all kinds of objects, and what is dropped together with an object.
extension StatementReading {
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

  /// Partitions and owned sequences are parts of a table; the host finds what else is dropped with it.
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
}
