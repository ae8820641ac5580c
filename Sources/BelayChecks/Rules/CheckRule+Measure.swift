import BelayBase

extension CheckRule {
  /// Measures it. Reads, and nothing else.
  func measure(_ call: CheckCall) throws(Unmeasured) -> Measurement {
    switch self {
    case .query(let sql, let expect): try call.query(sql, expect: expect)
    case .exists(let objects): try call.exists(objects)
    case .notNull(let table, let columns): try call.notNull(table, columns)
    case .unique(let table, let columns): try call.unique(table, columns)
    case .matches(let table, let column, let pattern): try call.matches(table, column, pattern)
    case .among(let table, let column, let values): try call.among(table, column, values)
    case .references(let reference): try call.references(reference)
    case .rowCount(let table, let least, let most): try call.rowCount(table, least, most)
    case .shrank(let table, let percent): try call.shrank(table, percent)
    case .fresh(let table, let column, let seconds): try call.fresh(table, column, within: seconds)
    case .maxDuration(let sql, let milliseconds): try call.duration(sql, most: milliseconds)
    case .indexExists(let table, let index): try call.indexExists(table, index)
    case .column(let column): try call.column(column)
    }
  }
}
