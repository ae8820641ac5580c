extension CheckRule {
  /// What a check without a name is called: "not_null customers.mail".
  package var name: String { "\(template.rawValue) \(subject)" }

  private var subject: String {
    func of(_ table: String, _ columns: [String]) -> String {
      columns.count == 1 ? "\(table).\(columns[0])" : "\(table)(\(columns.joined(separator: ", ")))"
    }
    switch self {
    case .query(let sql, _), .maxDuration(let sql, _): return String(sql.prefix(60))
    case .exists(let objects): return objects.joined(separator: ", ")
    case .notNull(let table, let columns), .unique(let table, let columns): return of(table, columns)
    case .matches(let table, let column, _), .among(let table, let column, _), .fresh(let table, let column, _):
      return of(table, [column])
    case .references(let reference):
      return "\(of(reference.table, reference.columns)) to \(of(reference.otherTable, reference.otherColumns))"
    case .rowCount(let table, _, _), .shrank(let table, _): return table
    case .indexExists(let table, .name(let name)): return "\(table): \(name)"
    case .indexExists(let table, .columns(let columns)): return of(table, columns)
    case .column(let column): return of(column.table, [column.name])
    }
  }
}
