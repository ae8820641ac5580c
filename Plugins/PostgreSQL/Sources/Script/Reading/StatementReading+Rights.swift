import BelayDriverKit

/// GRANT and REVOKE.
extension StatementReading {
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
