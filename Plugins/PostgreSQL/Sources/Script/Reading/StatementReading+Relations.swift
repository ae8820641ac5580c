import BelayDriverKit

/// Tables, indexes, views and sequences: created and altered.
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
      if !node["if_not_exists"].isTrue { unread("as far as belay can tell, \(name.name) already exists") }
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

  /// OWNED BY: in the catalog, a sequence's name includes its table.
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
    let included = node["indexIncludingParams"].items.compactMap { $0.as("IndexElem")?["name"].text }
    addIndex(
      name, to: table, columns: columns,
      needing: Set(columns + included).union(self.columns(in: node["indexParams"], of: table))
        .union(self.columns(in: node["whereClause"], of: table)),
      mayExist: node["if_not_exists"].isTrue)
  }

  /// The table's columns that an expression names.
  func columns(in tree: SyntaxNode, of table: Int) -> Set<String> {
    let known = Set(model[table]?.columns.map(\.name) ?? [])
    var found: Set<String> = []
    tree.forEach { type, node in
      if type == "ColumnRef", let name = node["fields"].path.last { found.insert(name) }
    }
    return found.intersection(known)
  }

  mutating func addIndex(
    _ name: String, to table: Int, columns: [String], needing: Set<String> = [], mayExist: Bool = false
  ) {
    guard let relation = model[table] else { return }
    let name = QualifiedName(schema: relation.name.schema, name: name)
    if model.names[name] != nil {
      if !mayExist { unread("as far as belay can tell, \(name.name) already exists") }
      return
    }
    var index = SchemaModel.Relation(name: name, kind: relation.kind == .partitioned ? .partitionedIndex : .index)
    index.table = table
    index.columns = columns.map { SchemaModel.Column(name: $0, type: "") }
    index.needs = needing.union(columns)
    write(model.add(index), .create)
  }
}
