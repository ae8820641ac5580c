import BelayDriverKit

/// The order in which tables can be filled while foreign keys are enforced: referenced tables come first.
package enum ReferenceOrder {
  /// Keeps the given order where possible. In a cycle of references, one table has to be first.
  package static func sorted(_ tables: [String], in database: Database) throws(DriverFailure) -> [String] {
    var spelling: [String: String] = [:]
    for table in tables { spelling[table.lowercased()] = table }
    var parents: [String: [String]] = [:]
    let sql =
      "SELECT t.name, f.\"table\" FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS f"
      + " WHERE t.schema = 'main' AND t.type = 'table' ORDER BY t.name, f.id"
    try database.rows(sql) { row in
      if let child = row.text(0), let parent = spelling[(row.text(1) ?? "").lowercased()] {
        parents[child.lowercased(), default: []].append(parent)
      }
    }
    var (sorted, seen): ([String], Set<String>) = ([], [])
    for table in tables {
      // Depth first, without recursion: chains can be long.
      var stack: [(table: String, next: Int)] = [(table, 0)]
      if !seen.insert(table.lowercased()).inserted { continue }
      while let top = stack.last {
        let waiting = parents[top.table.lowercased()] ?? []
        guard top.next < waiting.count else {
          sorted.append(top.table)
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        let parent = waiting[top.next]
        if seen.insert(parent.lowercased()).inserted { stack.append((parent, 0)) }
      }
    }
    return sorted
  }
}
