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
    let privileges = node["privileges"].items.compactMap { $0.as("AccessPriv") }
    let columns = Set(privileges.flatMap { $0["cols"].path })
    // GRANT SELECT, UPDATE (name) is of both kinds; ALL is an empty list.
    let isWhole = privileges.isEmpty || privileges.contains { $0["cols"].path.isEmpty }
    let grantees = node["grantees"].items.compactMap { $0.as("RoleSpec") }.map(grantee)
    readServersGrant(type, node)
    for target in targets {
      write(target, .alter)
      if Self.grantedAlone.contains(target.kind) {
        for grantee in grantees {
          readGrantee(grantee, columns, isWhole: isWhole, of: target, isGiven: node["is_grant"].isTrue)
        }
      }
      for column in columns.sorted() {
        let isTable = target.kind == ObjectKind.table
        write(
          isTable ? ObjectKind.column : ObjectKind.viewColumn, schema: target.schema, column, parent: target.name,
          isTable ? .alter : [.create, .alter, .drop])
      }
    }
  }

  private func grantee(_ role: SyntaxNode) -> String {
    role["rolename"].text ?? (role["roletype"].text == "ROLESPEC_PUBLIC" ? "public" : model.user)
  }

  /// What has its grants told one by one.
  private static let grantedAlone: Set<String> = [
    ObjectKind.table, ObjectKind.view, ObjectKind.materializedView, ObjectKind.sequence,
  ]

  /// One on a whole table that is taken back goes on its columns too.
  private mutating func readGrantee(
    _ grantee: String, _ columns: Set<String>, isWhole: Bool, of target: Target, isGiven: Bool
  ) {
    let actions: WriteActions = isGiven ? [.create, .alter] : [.alter, .drop]
    let own = isGiven || !isWhole ? [] : Set((target.relation.flatMap { model.columnGrants[$0] } ?? [:]).keys)
    for column in columns.union(own).sorted() {
      write(
        ObjectKind.grant, schema: target.schema, "\(grantee) (\(column))", parent: target.name, actions)
    }
    if isWhole { write(ObjectKind.grant, schema: target.schema, grantee, parent: target.name, actions) }
  }

  /// Rights on what is no object of the catalog are one themselves.
  private mutating func readServersGrant(_ type: String, _ node: SyntaxNode) {
    for object in node["objects"].items {
      var path = object.path
      var ending = ""
      let word: String
      if let range = object.as("RangeVar") {
        path = (range["schemaname"].text.map { [$0] } ?? []) + [range["relname"].text ?? ""]
        word = "TABLE"
        guard model.isServers(path) else { continue }
      } else if let routine = object.as("ObjectWithArgs") {
        path = routine["objname"].path
        guard model.routines(path).isEmpty, model.isServers(path, among: model.server.routines) else { continue }
        word = type == "OBJECT_PROCEDURE" ? "PROCEDURE" : "FUNCTION"
        let arguments = routine["objargs"].items.compactMap { $0.as("TypeName") }
        ending = "(\(arguments.map { TypeSpelling.argument($0, in: model) }.joined(separator: ", ")))"
      } else {
        continue
      }
      let schema = path.count > 1 ? path[path.count - 2] : "pg_catalog"
      write(
        ObjectKind.acl, schema: schema,
        "\(word) \(SQLName.shown(schema)).\(SQLName.shown(path.last ?? ""))\(ending)", [.create, .alter, .drop])
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
