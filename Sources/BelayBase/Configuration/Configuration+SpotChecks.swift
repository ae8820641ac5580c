extension Configuration {
  /// `spot_checks:`
  static func spotChecks(
    _ value: YAMLValue, targets: [TargetDefinition]
  ) throws(ConfigurationError) -> [SpotCheckDefinition] {
    var checks: [SpotCheckDefinition] = []
    for entry in try value.list() {
      let fields = try entry.fields(["name", "sql", "mask", "rows", "targets"])
      guard let name = fields["name"] else { throw entry.failure("`\(entry.path)` has no `name`") }
      guard let sql = fields["sql"] else { throw entry.failure("`\(entry.path)` has no `sql`") }
      var check = SpotCheckDefinition(name: try name.text(), sql: try sql.text())
      if checks.contains(where: { $0.name == check.name }) {
        throw name.failure("`\(value.path)` has two entries named `\(check.name)`")
      }
      if let value = fields["mask"] { check.masked = try texts(value) }
      if let value = fields["rows"] {
        check.rows = try value.count()
        guard (1...SpotCheckDefinition.mostRows).contains(check.rows) else {
          throw value.failure("`\(value.path)` must be from 1 to \(SpotCheckDefinition.mostRows)")
        }
      }
      if let value = fields["targets"] { check.targets = try names(value, among: targets.map(\.name)) }
      checks.append(check)
    }
    return checks
  }
}
