import BelayDriverKit

/// ALTER TABLE, and statements of the same form: ALTER INDEX, VIEW, SEQUENCE, TYPE …
extension StatementReading {
  /// These also change inheriting tables, unless ONLY precedes the table.
  private static let inherited: Set<String> = [
    "AT_AddColumn", "AT_DropColumn", "AT_AlterColumnType", "AT_ColumnDefault", "AT_DropNotNull", "AT_SetNotNull",
    "AT_AddConstraint", "AT_DropConstraint", "AT_ValidateConstraint", "AT_DropExpression", "AT_SetStorage",
  ]

  /// These compute something for every row now; a default that is only set is computed later.
  private static let evaluating: Set<String> = ["AT_AddColumn", "AT_AlterColumnType", "AT_AddConstraint"]

  mutating func readAlterTable(_ node: SyntaxNode) {
    let range = node["relation"]
    if node["objtype"].text == "OBJECT_TYPE" {
      if let id = existing(range), let name = model[id]?.name {
        write(ObjectKind.type, schema: name.schema, name.name, .alter)
      }
      return
    }
    guard let id = existing(range, mayMiss: node["missing_ok"].isTrue) else { return }
    write(id, .alter)
    for command in node["cmds"].items.compactMap({ $0.as("AlterTableCmd") }) {
      let subtype = command["subtype"].text ?? "AT_AddColumn"
      if Self.evaluating.contains(subtype) { readCalls(command["def"]) }
      let members = Self.inherited.contains(subtype) ? family(id, range) : [id]
      for member in members {
        write(member, .alter)
        alter(member, subtype, command)
      }
    }
  }

  private mutating func alter(_ id: Int, _ subtype: String, _ command: SyntaxNode) {
    let name = command["name"].text ?? ""
    switch subtype {
    case "AT_AddColumn":
      guard let column = command["def"].as("ColumnDef") else { return }
      let isThere = model[id]?.columns.contains { $0.name == column["colname"].text } ?? false
      if !(isThere && command["missing_ok"].isTrue) { addColumn(column, to: id) }
    case "AT_DropColumn": dropColumn(name, of: id)
    case "AT_AlterColumnType":
      writePart(ObjectKind.column, name, of: id, .alter)
      let type = TypeSpelling.text(command["def"].as("ColumnDef")?["typeName"] ?? .absent, in: model)
      model.change(id) { relation in
        for index in relation.columns.indices where relation.columns[index].name == name {
          relation.columns[index].type = type
        }
      }
    case "AT_ColumnDefault":
      writePart(ObjectKind.column, name, of: id, .alter)
      writePart(ObjectKind.defaultValue, name, of: id, command["def"].isPresent ? [.create, .alter] : .drop)
      setColumn(name, of: id) { $0.hasDefault = command["def"].isPresent }
    case "AT_SetNotNull", "AT_DropNotNull":
      writePart(ObjectKind.column, name, of: id, .alter)
      setColumn(name, of: id) { $0.isNotNull = subtype == "AT_SetNotNull" }
    case "AT_AddIdentity":
      writePart(ObjectKind.column, name, of: id, .alter)
      addOwnedSequence(name, id)
    case "AT_DropIdentity", "AT_SetIdentity":
      writePart(ObjectKind.column, name, of: id, .alter)
      for sequence in model.belongings(of: id) where sequence.ownerColumn == name {
        guard let other = model.names[sequence.name] else { continue }
        write(other, subtype == "AT_DropIdentity" ? .drop : .alter)
        if subtype == "AT_DropIdentity" { model.remove(other) }
      }
    case "AT_DropExpression":
      writePart(ObjectKind.column, name, of: id, .alter)
      writePart(ObjectKind.defaultValue, name, of: id, .drop)
    case "AT_SetStatistics", "AT_SetOptions", "AT_ResetOptions", "AT_SetStorage", "AT_SetCompression":
      if !name.isEmpty { writePart(ObjectKind.column, name, of: id, .alter) }
    default: alterParts(id, subtype, name, command)
    }
  }

  private mutating func alterParts(_ id: Int, _ subtype: String, _ name: String, _ command: SyntaxNode) {
    switch subtype {
    case "AT_AddConstraint", "AT_AddIndex", "AT_AddIndexConstraint":
      if let constraint = command["def"].as("Constraint") { addConstraint(constraint, to: id) }
    case "AT_DropConstraint": dropConstraint(name, of: id)
    case "AT_ValidateConstraint", "AT_AlterConstraint":
      let changed = name.isEmpty ? command["def"].as("Constraint")?["conname"].text ?? "" : name
      writePart(ObjectKind.constraint, changed, of: id, .alter)
      if subtype == "AT_ValidateConstraint" {
        model.change(id) { relation in
          for index in relation.constraints.indices where relation.constraints[index].name == changed {
            relation.constraints[index].isValidated = true
          }
        }
      }
    case "AT_AttachPartition", "AT_DetachPartition", "AT_DetachPartitionFinalize":
      guard let partition = command["def"].as("PartitionCmd") else { return }
      if partition["concurrent"].isTrue { flags.insert(.refusesTransaction) }
      guard let child = existing(partition["name"]) else { return }
      write(child, .alter)
      if subtype == "AT_AttachPartition" { model.link(child, to: id) } else { model.unlink(child, from: id) }
    case "AT_AddInherit", "AT_DropInherit":
      guard let range = command["def"].as("RangeVar"), let parent = existing(range) else { return }
      if subtype == "AT_AddInherit" { model.link(id, to: parent) } else { model.unlink(id, from: parent) }
    case "AT_EnableTrig", "AT_EnableAlwaysTrig", "AT_EnableReplicaTrig", "AT_DisableTrig":
      writePart(ObjectKind.trigger, name, of: id, .alter)
    case "AT_EnableRule", "AT_EnableAlwaysRule", "AT_EnableReplicaRule", "AT_DisableRule":
      writePart(ObjectKind.rule, name, of: id, .alter)
    case "AT_ClusterOn":
      if let index = model.relationID(name, schema: model[id]?.name.schema) { write(index, .alter) }
    case "AT_ChangeOwner":
      // An owner has its rights without a grant.
      let owner = command["newowner"]["rolename"].text ?? model.user
      if model.grantees[id]?.contains(owner) == true { writePart(ObjectKind.grant, owner, of: id, [.alter, .drop]) }
      // What belongs to a table changes hands with it.
      for sequence in model.belongings(of: id) where !sequence.isIndex {
        if let other = model.names[sequence.name] { write(other, .alter) }
      }
    default: break
    }
  }

  private mutating func setColumn(_ name: String, of id: Int, _ body: (inout SchemaModel.Column) -> Void) {
    model.change(id) { relation in
      for index in relation.columns.indices where relation.columns[index].name == name {
        body(&relation.columns[index])
      }
    }
  }
}
