import BelayArchive
import BelayDrivers

extension Catalog {
  /// Why the rows of a table cannot be copied and put back by SQL on that table alone; nil: they can.
  package func obstacle(toExchangingRowsOf table: CatalogTable) -> String? {
    let parts = parts(of: table)
    guard !table.hasRows else {
      return parts.first.map {
        "table \($0.tableName) inherits from \(table.tableName): a statement on \(table.tableName) writes its rows too"
      }
    }
    guard !parts.isEmpty else {
      return "table \(table.tableName) has no rows of its own: they are kept outside the database, or nowhere"
    }
    return parts.lazy.compactMap { part in
      part.hasRows
        ? nil : obstacle(toExchangingRowsOf: part).map { "\($0); it is a part of \(table.tableName)" }
    }.first
  }

  /// The tables whose definition names it: its partitions, or tables that inherit from it. Only in an engine with schemas: in
  /// others a table's definition holds its foreign keys.
  private func parts(of table: CatalogTable) -> [CatalogTable] {
    guard !table.object.schema.isEmpty else { return [] }
    let mentions = ObjectMentions(of: [table.object])
    return tables.filter { !mentions.named(in: $0.object.definition, of: $0.object).isEmpty }
  }

  /// What else in the database names a table, and would break or lose rows if it were dropped: views, triggers, foreign keys.
  package func users(of table: CatalogTable) -> [SchemaObject] {
    let mentions = ObjectMentions(of: [table.object])
    return objects.filter { object in
      let isItsOwn = object.schema == table.object.schema && object.parent == table.name
      return !isItsOwn && object.identity != table.object.identity && object.kind != "grant"
        && !mentions.named(in: object.definition + "\n" + object.ddl, of: object).isEmpty
    }
  }
}
