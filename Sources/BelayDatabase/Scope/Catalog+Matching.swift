import BelayArchive
import BelayBase
import BelayDrivers

extension Catalog {
  /// The tables that any of these patterns matches, in the catalog's order.
  /// - Parameter patterns: `[SCHEMA.]TABLE`, in which `*` stands for any text and `?` for one character.
  /// - Throws: `.notFound` where a pattern matches none.
  package func tables(matching patterns: [String]) throws(BelayError) -> [CatalogTable] {
    let all = tables
    let read = patterns.map { (typed: $0, pattern: TablePattern($0)) }
    for (typed, pattern) in read where !all.contains(where: { pattern.matches($0.tableName) }) {
      let names = all.map(\.tableName.description) + all.map(\.name)
      throw BelayError(
        .notFound, "no table matches `\(typed)`",
        hint: NearestName.to(typed, among: names).map { "did you mean \($0)?" }, state: "nothing was changed")
    }
    return all.filter { table in read.contains { $0.pattern.matches(table.tableName) } }
  }
}
