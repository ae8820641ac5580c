import BelayDriverKit

/// An AUTOINCREMENT that has given out ids above the highest that is left.
struct CounterAhead {
  var table: String
  var value: Int64
  var highest: Int64

  static func all(in database: Database) throws(DriverFailure) -> [CounterAhead] {
    guard try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'") > 0 else {
      return []
    }
    var found: [CounterAhead] = []
    let counters =
      "SELECT s.name, s.seq FROM sqlite_sequence AS s JOIN sqlite_schema AS t ON t.name = s.name AND t.type = 'table'"
    try database.rows(counters) { row in
      found.append(CounterAhead(table: row.text(0) ?? "", value: row.integer(1), highest: 0))
    }
    for index in found.indices {
      let quoted = SQLQuote.name(found[index].table)
      found[index].highest = try database.integer("SELECT coalesce(max(rowid), 0) FROM \(quoted)")
    }
    return found.filter { $0.value > $0.highest }
  }
}
