import BelayDriverKit

/// Tables, indexes, views and sequences: made and altered.
extension StatementReading {
  mutating func readRelation(_ type: String, _ node: SyntaxNode, _ tree: SyntaxNode) {
    switch type {
    case "CreateStmt": readCreateTable(node)
    case "CreateForeignTableStmt": readCreateTable(node["base"].isPresent ? node["base"] : node["base_stmt"], .foreign)
    case "CreateTableAsStmt": readCreateTableAs(node)
    case "IndexStmt": readCreateIndex(node)
    case "ViewStmt": readCreateView(node)
    case "RefreshMatViewStmt":
      guard let id = existing(node["relation"]) else { return }
      write(id, [.update, .alter])
    case "CreateSeqStmt": readCreateSequence(node)
    case "AlterSeqStmt":
      guard let id = existing(node["sequence"], mayMiss: node["missing_ok"].isTrue) else { return }
      write(id, .alter)
      own(id, node["options"])
    default:
      readAlterTable(node)
    }
  }

  // MARK: Tables

  private mutating func readCreateTable(_ node: SyntaxNode, _ form: SchemaModel.Relation.Kind = .table) {
    let name = newName(node["relation"])
    if model.names[name] != nil {
      if !node["if_not_exists"].isTrue { unread("\(name.name) is there already, as far as can be told") }
      return
    }
    var relation = SchemaModel.Relation(name: name, kind: node["partspec"].isPresent ? .partitioned : form)
    if relation.kind == .partitioned {
      let keys = node["partspec"]["partParams"].items.map { $0.as("PartitionElem")?["name"].text }
      relation.partitionKey = keys.contains(nil) ? nil : keys.compactMap { $0 }
    }
    for range in node["inhRelations"].items.compactMap({ $0.as("RangeVar") }) {
      guard let parent = existing(range) else { continue }
      relation.parents.append(parent)
      relation.columns += model[parent]?.columns ?? []
      if node["partbound"].isPresent { write(parent, .alter) }
    }
    var constraints = node["constraints"].items.compactMap { $0.as("Constraint") }
    var columns: [SyntaxNode] = []
    for element in node["tableElts"].items {
      switch element.typed {
      case ("ColumnDef", let column): columns.append(column)
      case ("Constraint", let constraint): constraints.append(constraint)
      case ("TableLikeClause", let like):
        if let source = existing(like["relation"]) { relation.columns += model[source]?.columns ?? [] }
      default: break
      }
    }
    let id = model.add(relation)
    write(id, .create)
    for column in columns { addColumn(column, to: id, tellsColumn: false) }
    for constraint in constraints { addConstraint(constraint, to: id) }
  }

  private mutating func readCreateTableAs(_ node: SyntaxNode) {
    let into = node["into"]
    let name = newName(into["rel"])
    if model.names[name] != nil, node["if_not_exists"].isTrue { return }
    if let execute = node["query"].as("ExecuteStmt") {
      if let query = model.prepared[execute["name"].text ?? ""] { readRows(query) }
    } else {
      readRows(node["query"])
    }
    let columns = into["colNames"].items.compactMap(\.word) + outputNames(node["query"])
    makeTable(
      into["rel"], columns: columns, hasRows: !into["skipData"].isTrue,
      form: node["objtype"].text == "OBJECT_MATVIEW" ? .materializedView : .table)
  }

  /// CREATE TABLE … AS and SELECT … INTO.
  mutating func makeTable(
    _ range: SyntaxNode, columns: [String], hasRows: Bool, form: SchemaModel.Relation.Kind = .table
  ) {
    var relation = SchemaModel.Relation(name: newName(range), kind: form)
    relation.columns = columns.map { SchemaModel.Column(name: $0, type: "") }
    let id = model.add(relation)
    write(id, hasRows && form == .table ? [.insert, .create] : .create)
  }

  private func outputNames(_ query: SyntaxNode) -> [String] {
    (query.as("SelectStmt")?["targetList"].items ?? []).compactMap { target in
      let target = target.as("ResTarget")
      return target?["name"].text ?? target?["val"].as("ColumnRef")?["fields"].path.last
    }
  }

  private mutating func readCreateView(_ node: SyntaxNode) {
    let name = newName(node["view"])
    var reads: [Int] = []
    node["query"].forEach { type, range in
      if type == "RangeVar", let id = relationID(range) { reads.append(id) }
    }
    if let id = model.names[name] {
      write(id, .alter)
      model.change(id) { $0.reads = reads }
      return
    }
    var relation = SchemaModel.Relation(name: name, kind: .view)
    relation.reads = reads
    relation.columns = (node["aliases"].items.compactMap(\.word) + outputNames(node["query"])).map {
      SchemaModel.Column(name: $0, type: "")
    }
    write(model.add(relation), .create)
  }

  private mutating func readCreateSequence(_ node: SyntaxNode) {
    let name = newName(node["sequence"])
    if model.names[name] != nil, node["if_not_exists"].isTrue { return }
    var sequence = SchemaModel.Relation(name: name, kind: .sequence)
    if let path = owner(node["options"]), path.count > 1 {
      sequence.table = existing(Array(path.dropLast()))
      sequence.ownerColumn = path.last
    }
    write(model.add(sequence), .create)
  }

  /// OWNED BY: a sequence is called after its table too.
  private mutating func own(_ id: Int, _ options: SyntaxNode) {
    guard let path = owner(options) else { return }
    let table = path.count > 1 ? existing(Array(path.dropLast())) : nil
    guard model[id]?.table != table else { return }
    write(id, [.drop, .alter])
    model.change(id) {
      $0.table = table
      $0.ownerColumn = table == nil ? nil : path.last
    }
    write(id, [.create, .alter])
  }

  /// TABLE.COLUMN, or NONE.
  private func owner(_ options: SyntaxNode) -> [String]? {
    options.items.lazy.compactMap { $0.as("DefElem") }.first { $0["defname"].text == "owned_by" }?["arg"].path
  }

  private mutating func readCreateIndex(_ node: SyntaxNode) {
    if node["concurrent"].isTrue { flags.insert(.refusesTransaction) }
    guard let table = existing(node["relation"]), let relation = model[table] else { return }
    let columns = node["indexParams"].items.compactMap { $0.as("IndexElem") }.map { element -> String in
      if let name = element["name"].text { return name }
      return element["expr"].as("FuncCall")?["funcname"].path.last ?? "expr"
    }
    let given = node["idxname"].text
    let name =
      given
      ?? model.chosenName(
        relation.name.name, columns.joined(separator: "_"), "idx", in: relation.name.schema)
    addIndex(name, to: table, columns: columns, mayExist: node["if_not_exists"].isTrue)
  }

  private mutating func addIndex(_ name: String, to table: Int, columns: [String], mayExist: Bool = false) {
    guard let relation = model[table] else { return }
    let name = QualifiedName(schema: relation.name.schema, name: name)
    if model.names[name] != nil {
      if !mayExist { unread("\(name.name) is there already, as far as can be told") }
      return
    }
    var index = SchemaModel.Relation(name: name, kind: relation.kind == .partitioned ? .partitionedIndex : .index)
    index.table = table
    index.columns = columns.map { SchemaModel.Column(name: $0, type: "") }
    write(model.add(index), .create)
  }

  // MARK: Parts of tables

  /// - Parameter tellsColumn: false for the columns of a new table, which go with it.
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

  /// A part that has its table for parent.
  mutating func writePart(_ kind: String, _ name: String, of id: Int, _ actions: ScriptWrite.Actions) {
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
        // A table's own name stands for its row, and not for a column.
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

  /// The constraint, and the index that it stands on.
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

  /// The column, and what stands on it alone: its default, its sequence, its own constraints and indexes. What stands on
  /// other columns too goes as well, and is for the host to find.
  mutating func dropColumn(_ name: String, of id: Int) {
    guard let relation = model[id] else { return }
    writePart(ObjectKind.column, name, of: id, .drop)
    if relation.columns.contains(where: { $0.name == name && $0.hasDefault }) {
      writePart(ObjectKind.defaultValue, name, of: id, .drop)
    }
    for constraint in relation.constraints where constraint.columns == [name] {
      dropConstraint(constraint.name, of: id)
    }
    for belonging in model.belongings(of: id) {
      let isOwn = belonging.isIndex ? belonging.columns.map(\.name) == [name] : belonging.ownerColumn == name
      guard isOwn, let other = model.names[belonging.name] else { continue }
      write(other, .drop)
      model.remove(other)
    }
    model.change(id) { $0.columns.removeAll { $0.name == name } }
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
