extension Configuration {
  private static let checkKeys = ["name", "expect", "when", "severity", "timeout", "targets"]

  /// `checks:` and `audit:`
  static func checks(
    _ value: YAMLValue, targets: [TargetDefinition]
  ) throws(ConfigurationError) -> [CheckDefinition] {
    var checks: [CheckDefinition] = []
    for entry in try value.list() {
      let fields = try entry.fields(checkKeys + CheckTemplate.allCases.map(\.rawValue))
      let given = CheckTemplate.allCases.filter { fields[$0.rawValue] != nil }
      guard let template = given.first, let what = fields[template.rawValue] else {
        throw entry.failure(
          "`\(entry.path)` has neither `sql` nor a template",
          hint: "templates: " + CheckTemplate.allCases.dropFirst().map(\.rawValue).joined(separator: ", "))
      }
      guard given.count == 1 else {
        throw entry.failure(
          "`\(entry.path)` has \(given.map { "`\($0.rawValue)`" }.joined(separator: " and ")), but a check checks one thing",
          hint: "make an entry of its own for each")
      }
      if let expect = fields["expect"], template != .sql {
        throw expect.failure("`\(expect.path)` needs `sql`: `\(template.rawValue)` says itself what it expects")
      }
      let rule =
        template == .sql
        ? CheckRule.query(
          sql: try what.text(), expect: try fields["expect"].map { (v) throws(ConfigurationError) in try v.text() })
        : try CheckRule(template, what)
      guard fields["name"] != nil || template != .sql else { throw entry.failure("`\(entry.path)` has no `name`") }
      let name = try fields["name"].map { (v) throws(ConfigurationError) in try v.text() } ?? rule.name
      guard !checks.contains(where: { $0.name == name }) else {
        throw (fields["name"] ?? what).failure(
          "`\(value.path)` has two entries named `\(name)`",
          hint: fields["name"] == nil ? "give one of them a `name`" : nil)
      }
      var check = CheckDefinition(name: name, rule: rule)
      if let when = fields["when"] { check.when = try when.oneOf(CheckDefinition.When.self) }
      if let severity = fields["severity"] { check.severity = try severity.oneOf(CheckDefinition.Severity.self) }
      if let timeout = fields["timeout"] {
        check.timeoutSeconds = try timeout.seconds(or: "without it, `belay check` allows 5m")
        if check.timeoutSeconds == 0 { throw timeout.failure("`\(timeout.path)` leaves the check no time") }
      }
      if let chosen = fields["targets"] { check.targets = try names(chosen, among: targets.map(\.name)) }
      checks.append(check)
    }
    return checks
  }

  static func names(
    _ value: YAMLValue, among known: [String], called: String = "`targets`"
  ) throws(ConfigurationError) -> [String] {
    let names = try texts(value)
    for name in names where !known.contains(name) {
      throw value.failure(
        "`\(value.path)` names `\(name)`, which is not among \(called)",
        hint: NearestName.to(name, among: known).map { "did you mean `\($0)`?" })
    }
    return names
  }
}

extension CheckRule {
  /// - Parameter value: of a template's key.
  fileprivate init(_ template: CheckTemplate, _ value: YAMLValue) throws(ConfigurationError) {
    func fields(_ known: String...) throws(ConfigurationError) -> CheckFields {
      CheckFields(value, try value.fields(known))
    }
    switch template {
    case .sql: self = .query(sql: try value.text(), expect: nil)
    case .exists:
      let objects = try Configuration.texts(value)
      guard !objects.isEmpty, !objects.contains("") else { throw value.failure("`\(value.path)` must name a table") }
      self = .exists(objects: objects)
    case .notNull:
      let fields = try fields("table", "column", "columns")
      self = .notNull(table: try fields.text("table"), columns: try fields.columns())
    case .unique:
      let fields = try fields("table", "column", "columns")
      self = .unique(table: try fields.text("table"), columns: try fields.columns())
    case .matches:
      let fields = try fields("table", "column", "pattern")
      self = .matches(
        table: try fields.text("table"), column: try fields.text("column"), pattern: try fields.pattern())
    case .among:
      let fields = try fields("table", "column", "values")
      let list = try fields.required("values")
      let values = try Configuration.texts(list)
      guard !values.isEmpty else { throw list.failure("`\(list.path)` is empty: no value would be right") }
      self = .among(table: try fields.text("table"), column: try fields.text("column"), values: values)
    case .references:
      let fields = try fields("table", "column", "columns", "to_table", "to_column", "to_columns")
      let reference = CheckReference(
        table: try fields.text("table"), columns: try fields.columns(), otherTable: try fields.text("to_table"),
        otherColumns: try fields.columns("to_column"))
      guard reference.columns.count == reference.otherColumns.count else {
        throw value.failure(
          "`\(value.path)` has \(Counted.text(reference.columns.count, "column")), but "
            + "\(reference.otherColumns.count) of `\(reference.otherTable)`")
      }
      self = .references(reference)
    case .rowCount:
      let fields = try fields("table", "min", "max")
      let (least, most) = (try fields.count("min"), try fields.count("max"))
      guard least != nil || most != nil else { throw value.failure("`\(value.path)` has neither `min` nor `max`") }
      if let least, let most, least > most { throw value.failure("`\(value.path)` has a `min` above its `max`") }
      self = .rowCount(table: try fields.text("table"), least: least, most: most)
    case .shrank:
      let fields = try fields("table", "percent")
      self = .shrank(table: try fields.text("table"), percent: try fields.percent("percent"))
    case .fresh:
      let fields = try fields("table", "column", "within")
      let within = try fields.required("within")
      self = .fresh(
        table: try fields.text("table"), column: try fields.text("column"),
        seconds: try within.seconds(or: "0 would never hold"))
    case .maxDuration:
      let fields = try fields("sql", "limit")
      self = .maxDuration(sql: try fields.text("sql"), milliseconds: try fields.milliseconds("limit"))
    case .indexExists:
      let fields = try fields("table", "index", "column", "columns")
      guard let index = fields["index"] else {
        self = .indexExists(table: try fields.text("table"), index: .columns(try fields.columns()))
        return
      }
      guard fields["column"] == nil, fields["columns"] == nil else {
        throw index.failure("`\(value.path)` has an `index` and columns: give the name of the index or its columns")
      }
      self = .indexExists(table: try fields.text("table"), index: .name(try index.text()))
    case .column:
      let fields = try fields("table", "name", "type", "nullable")
      self = .column(
        CheckedColumn(
          table: try fields.text("table"), name: try fields.text("name"),
          type: try fields["type"].map { (v) throws(ConfigurationError) in try v.text() },
          isNullable: try fields["nullable"].map { (v) throws(ConfigurationError) in try v.flag() }))
    }
  }
}
