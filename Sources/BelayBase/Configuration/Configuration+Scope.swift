extension Configuration {
  /// `scope:` of a target.
  static func scope(_ value: YAMLValue) throws(ConfigurationError) -> BackupScope {
    let fields = try value.fields(["schemas", "tables", "exclude_tables", "required"])
    var scope = BackupScope()
    scope.isConfigured = true
    scope.isRequired = try fields["required"]?.flag() ?? false
    if let value = fields["schemas"] { scope.schemas = try patterns(value) }
    if let value = fields["tables"] { scope.tables = try patterns(value) }
    if let value = fields["exclude_tables"] { scope.excludedTables = try patterns(value) }
    guard !scope.isEmpty else {
      throw value.failure(
        "`\(value.path)` names no table", hint: "write `tables`, `schemas` or `exclude_tables`, or leave `scope` out")
    }
    return scope
  }

  private static func patterns(_ value: YAMLValue) throws(ConfigurationError) -> [String] {
    var patterns: [String] = []
    for entry in try value.list() {
      let pattern = try entry.text()
      guard !pattern.isEmpty else { throw entry.failure("`\(entry.path)` is empty") }
      patterns.append(pattern)
    }
    return patterns
  }
}
