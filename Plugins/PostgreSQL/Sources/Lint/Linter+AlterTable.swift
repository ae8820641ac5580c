import BelayDriverKit

/// ALTER TABLE on a table that others use meanwhile.
extension Linter {
  mutating func alterTable(_ node: SyntaxNode, _ model: SchemaModel) {
    guard let table = existing(node["relation"], model), table.isTable else { return }
    for command in node["cmds"].items.compactMap({ $0.as("AlterTableCmd") }) {
      let name = command["name"].text ?? ""
      switch command["subtype"].text ?? "AT_AddColumn" {
      case "AT_AddColumn": addColumn(command["def"].as("ColumnDef") ?? .absent, to: table, model)
      case "AT_DropColumn":
        warn(
          "drop-column", "drops the column \(name) of \(table.name.name) and its content",
          hint: "first deploy programs that no longer use it")
        if command["behavior"].text == "DROP_CASCADE" {
          warn(
            "drop-cascade", "CASCADE also drops everything that depends on the column, without listing it",
            hint: "drop the dependent objects by name, without CASCADE")
        }
      case "AT_AlterColumnType": changeType(name, command["def"].as("ColumnDef") ?? .absent, of: table, model)
      case "AT_SetNotNull": setNotNull(name, of: table, model)
      case "AT_AddConstraint": addConstraint(command["def"].as("Constraint") ?? .absent, to: table, model)
      case "AT_ValidateConstraint":
        guard isTransactional, notValid.contains(name), isLarge(table, model) else { continue }
        warn(
          "validate-same-transaction",
          "\(name) is validated in the transaction that adds it, under the same lock: NOT VALID has no benefit",
          hint: "put VALIDATE CONSTRAINT into a file of its own with `-- belay: no-transaction`")
      case "AT_SetLogged", "AT_SetUnLogged", "AT_SetTableSpace", "AT_SetAccessMethod": rewrite(table, model)
      case "AT_DisableTrigAll":
        warn(
          "triggers-off", "without its triggers, the foreign keys of \(table.name.name) are not enforced",
          hint: "ENABLE TRIGGER ALL afterwards does not check the rows written meanwhile")
      default: break
      }
    }
  }

  /// Built-in functions that give a different value for each row: as a default they rewrite the table.
  private static let volatile: Set<String> = [
    "random", "gen_random_uuid", "clock_timestamp", "timeofday", "nextval", "uuid_generate_v1", "uuid_generate_v4",
    "txid_current", "pg_current_xact_id", "random_normal", "uuidv4", "uuidv7",
  ]

  private mutating func addColumn(_ column: SyntaxNode, to table: SchemaModel.Relation, _ model: SchemaModel) {
    let name = column["colname"].text ?? ""
    let constraints = column["constraints"].items.compactMap { $0.as("Constraint") }
    let kinds = Set(constraints.compactMap { $0["contype"].text })
    let isSerial = (column["typeName"]["names"].path.last ?? "").contains("serial")
    var rewrites = isSerial || kinds.contains("CONSTR_IDENTITY") || kinds.contains("CONSTR_GENERATED")
    for constraint in constraints where constraint["contype"].text == "CONSTR_DEFAULT" {
      var calls: [[String]] = []
      constraint["raw_expr"].forEach { type, node in if type == "FuncCall" { calls.append(node["funcname"].path) } }
      for call in calls
      where Self.volatile.contains(call.last ?? "") || model.routines(call).contains(where: \.isVolatile) {
        rewrites = true
      }
    }
    if rewrites {
      guard isLarge(table, model) else { return }
      warn(
        "add-column-rewrites",
        "the new column \(name) gets a new value in each row, so all of \(table.name.name) (\(size(table, model))) "
          + "is rewritten while nobody can read it",
        hint: "add it without a default, fill it in batches, then set the default")
    } else if kinds.contains("CONSTR_NOTNULL"), !kinds.contains("CONSTR_DEFAULT"), table.rows != 0 {
      warn(
        "add-column-not-null",
        "the new column \(name) is NOT NULL and has no default: this fails if \(table.name.name) has rows",
        hint: "give it a default")
    }
    for constraint in constraints { addConstraint(constraint, to: table, model, ofColumn: true) }
  }

  private mutating func addConstraint(
    _ constraint: SyntaxNode, to table: SchemaModel.Relation, _ model: SchemaModel, ofColumn: Bool = false
  ) {
    let name = constraint["conname"].text ?? "on \(table.name.name)"
    if constraint["skip_validation"].isTrue { notValid.insert(name) }
    guard isLarge(table, model), !constraint["skip_validation"].isTrue else { return }
    let later = "add it NOT VALID, and VALIDATE CONSTRAINT in a later file with `-- belay: no-transaction`"
    switch constraint["contype"].text {
    case "CONSTR_FOREIGN" where !ofColumn:
      warn(
        "add-foreign-key",
        "the foreign key \(name) is checked against all of \(table.name.name) (\(size(table, model))) while nobody can "
          + "write to it or to \(constraint["pktable"]["relname"].text ?? "what it refers to")", hint: later)
    case "CONSTR_CHECK" where !ofColumn:
      warn(
        "add-check",
        "the check \(name) is tested on all of \(table.name.name) (\(size(table, model))) while nobody can read it",
        hint: later)
    case "CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION":
      guard !constraint["indexname"].isPresent else { return }
      warn(
        "add-unique",
        "the index of \(name) is built while nobody can read \(table.name.name) (\(size(table, model)))",
        hint: "CREATE UNIQUE INDEX CONCURRENTLY in an earlier file, then ADD CONSTRAINT … USING INDEX")
    default: break
    }
  }

  /// With a valid CHECK that says the same, the server does not scan the table.
  private mutating func setNotNull(_ column: String, of table: SchemaModel.Relation, _ model: SchemaModel) {
    guard isLarge(table, model), !table.columns.contains(where: { $0.name == column && $0.isNotNull }) else { return }
    let isKnown = table.constraints.contains { constraint in
      constraint.kind == .check && constraint.isValidated && constraint.columns == [column]
        && constraint.text.uppercased().contains("IS NOT NULL")
    }
    guard !isKnown else { return }
    warn(
      "set-not-null",
      "SET NOT NULL reads all of \(table.name.name) (\(size(table, model))) while nobody else can read it",
      hint: "add CHECK (\(SQLName.shown(column)) IS NOT NULL) NOT VALID, validate it in a later file, then SET NOT NULL"
    )
  }

  private mutating func changeType(
    _ column: String, _ definition: SyntaxNode, of table: SchemaModel.Relation, _ model: SchemaModel
  ) {
    guard isLarge(table, model) else { return }
    let new = TypeSpelling.text(definition["typeName"], in: model)
    guard let old = table.columns.first(where: { $0.name == column })?.type, !TypeChange(old, new).keepsRows else {
      return
    }
    warn(
      "change-type",
      "changing \(column) from \(old) to \(new) rewrites all of \(table.name.name) (\(size(table, model))) and its "
        + "indexes while nobody can read it",
      hint: "add a column of the new type, fill it in batches, then switch the programs to it")
  }

  private mutating func rewrite(_ table: SchemaModel.Relation, _ model: SchemaModel) {
    guard isLarge(table, model) else { return }
    warn(
      "rewrite", "rewrites all of \(table.name.name) (\(size(table, model))) while nobody can read it")
  }
}
