import BelayDriverKit

/// Columns and constraints, with the sequences and indexes that are created and dropped with them.
extension StatementReading {
  /// - Parameter tellsColumn: false for the columns of a new table, which are not reported one by one.
  mutating func addColumn(_ node: SyntaxNode, to id: Int, tellsColumn: Bool = true) {
    guard let relation = model[id] else { return }
    let name = node["colname"].text ?? ""
    let type = TypeSpelling.text(node["typeName"], in: model)
    let constraints = node["constraints"].items.compactMap { $0.as("Constraint") }
    let kinds = constraints.compactMap { $0["contype"].text }
    let isSerial = ["serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"].contains(type)
    var column = SchemaModel.Column(name: name, type: type)
    column.isNotNull =
      isSerial || kinds.contains { ["CONSTR_NOTNULL", "CONSTR_PRIMARY", "CONSTR_IDENTITY"].contains($0) }
    column.hasDefault = isSerial || kinds.contains { ["CONSTR_DEFAULT", "CONSTR_GENERATED"].contains($0) }
    model.change(id) { $0.columns.append(column) }
    if tellsColumn {
      write(ObjectKind.column, schema: relation.name.schema, name, parent: relation.name.name, .create)
    }
    if column.hasDefault { writePart(ObjectKind.defaultValue, name, of: id, .create) }
    if isSerial || kinds.contains("CONSTR_IDENTITY") { addOwnedSequence(name, id) }
    for constraint in constraints { addConstraint(constraint, to: id, column: name) }
  }

  mutating func addOwnedSequence(_ column: String, _ table: Int) {
    guard let relation = model[table] else { return }
    let name = model.chosenName(relation.name.name, column, "seq", in: relation.name.schema)
    var sequence = SchemaModel.Relation(
      name: QualifiedName(schema: relation.name.schema, name: name), kind: .sequence)
    sequence.table = table
    sequence.ownerColumn = column
    write(model.add(sequence), .create)
  }

  /// A part whose parent is its table.
  mutating func writePart(_ kind: String, _ name: String, of id: Int, _ actions: WriteActions) {
    guard let relation = model[id] else { return }
    write(kind, schema: relation.name.schema, name, parent: relation.name.name, actions)
  }

  mutating func addConstraint(_ node: SyntaxNode, to id: Int, column: String? = nil) {
    guard let relation = model[id] else { return }
    let form: (kind: SchemaModel.Constraint.Kind, label: String)
    switch node["contype"].text {
    case "CONSTR_PRIMARY": form = (.primaryKey, "pkey")
    case "CONSTR_UNIQUE": form = (.unique, "key")
    case "CONSTR_EXCLUSION": form = (.exclusion, "excl")
    case "CONSTR_FOREIGN": form = (.foreignKey, "fkey")
    case "CONSTR_CHECK": form = (.check, "check")
    default: return
    }
    var columns = (node["keys"].items + node["fk_attrs"].items).compactMap(\.word)
    columns += node["exclusions"].items.compactMap {
      $0.as("List")?["items"].items.first?.as("IndexElem")?["name"].text
    }
    if columns.isEmpty, let column { columns = [column] }
    if columns.isEmpty, form.kind == .check {
      var found: [String] = []
      node["raw_expr"].forEach { type, node in
        // A table's own name refers to its row, not to a column.
        if type == "ColumnRef", let name = node["fields"].path.last, !found.contains(name),
          relation.columns.contains(where: { $0.name == name })
        {
          found.append(name)
        }
      }
      columns = found
    }
    let adopted = node["indexname"].text
    // A primary key is named after its table alone, a CHECK of several columns too.
    let isPlain = form.kind == .primaryKey || (form.kind == .check && columns.count != 1)
    let name =
      node["conname"].text ?? adopted
      ?? chosenConstraintName(
        relation, isPlain ? "" : (columns + node["including"].items.compactMap(\.word)).joined(separator: "_"),
        form.label)
    let constraint = SchemaModel.Constraint(
      name: name, kind: form.kind, isValidated: !node["skip_validation"].isTrue, columns: columns)
    model.change(id) { $0.constraints.append(constraint) }
    writePart(ObjectKind.constraint, name, of: id, .create)
    guard [.primaryKey, .unique, .exclusion].contains(form.kind) else { return }
    if let adopted {
      if adopted != name, let index = model.relationID(adopted, schema: relation.name.schema) {
        rename(index, to: name)
      }
    } else {
      addIndex(name, to: id, columns: columns)
    }
  }

  private func chosenConstraintName(
    _ relation: SchemaModel.Relation, _ column: String, _ label: String
  ) -> String {
    var number = 0
    while true {
      let end = label + (number == 0 ? "" : String(number))
      let name = model.chosenName(relation.name.name, column, end, in: relation.name.schema)
      if !relation.constraints.contains(where: { $0.name == name }) { return name }
      number += 1
    }
  }

  /// The constraint and its index.
  mutating func dropConstraint(_ name: String, of id: Int) {
    writePart(ObjectKind.constraint, name, of: id, .drop)
    let kind = model[id]?.constraints.first { $0.name == name }?.kind
    if let kind, [.primaryKey, .unique, .exclusion].contains(kind),
      let index = model.belongings(of: id).first(where: { $0.isIndex && $0.name.name == name }),
      let indexID = model.names[index.name]
    {
      write(indexID, .drop)
      model.remove(indexID)
    }
    model.change(id) { $0.constraints.removeAll { $0.name == name } }
  }

  /// The column, and what of its table cannot exist without it: its default, its sequence, constraints, indexes and
  /// statistics, also those that depend on other columns too. What depends on it elsewhere is dropped only by CASCADE; the
  /// host finds it.
  mutating func dropColumn(_ name: String, of id: Int) {
    guard let relation = model[id] else { return }
    writePart(ObjectKind.column, name, of: id, .drop)
    if relation.columns.contains(where: { $0.name == name && $0.hasDefault }) {
      writePart(ObjectKind.defaultValue, name, of: id, .drop)
    }
    for constraint in relation.constraints where constraint.columns.contains(name) {
      dropConstraint(constraint.name, of: id)
    }
    for (statistics, columns) in model.statisticsColumns
    where columns.contains(name) && model.statistics[statistics] == id {
      writePart(ObjectKind.statistics, statistics.name, of: id, .drop)
      model.statistics[statistics] = nil
      model.statisticsColumns[statistics] = nil
    }
    for grant in model.columnGrants[id]?[name] ?? [] { writePart(ObjectKind.grant, grant, of: id, .drop) }
    for belonging in model.belongings(of: id) {
      let isOwn = belonging.isIndex ? belonging.needs.contains(name) : belonging.ownerColumn == name
      guard isOwn, let other = model.names[belonging.name] else { continue }
      write(other, .drop)
      model.remove(other)
    }
    model.change(id) { $0.columns.removeAll { $0.name == name } }
  }
}
