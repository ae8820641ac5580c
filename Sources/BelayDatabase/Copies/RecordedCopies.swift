import BelayArchive
import BelayBase
import BelayDrivers

/// The copies of tables that a database has, as belay's own table there records them.
package struct RecordedCopies: Sendable {
  package let copies: [TableCopy]
  /// The schema that they were read with.
  package let catalog: Catalog

  package init(on connection: Connection, context: RunContext) throws(BelayError) {
    let catalog: Catalog
    do {
      catalog = try connection.catalog(operation: context.stoppable("reading the schema"))
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .refused, state: "nothing was changed")
    }
    try self.init(on: connection, catalog: catalog, context: context)
  }

  package init(on connection: Connection, catalog: Catalog, context: RunContext) throws(BelayError) {
    self.catalog = catalog
    copies = try CopyLedger(on: connection, context: context).copies(in: catalog)
  }

  /// A copy by its name as a person types it: with or without its schema, as it is or quoted as in SQL; in letters of any size
  /// where only one is like it.
  package func copy(named typed: String) throws(BelayError) -> TableCopy {
    let parts = DatabaseState.unquoted(typed)
    var found = copies.filter { copy in
      copy.name.name == typed || copy.name.description == typed || parts == [copy.name.name]
        || parts == [copy.name.schema, copy.name.name]
    }
    if found.isEmpty {
      let small = typed.lowercased()
      found = copies.filter { $0.name.name.lowercased() == small || $0.name.description.lowercased() == small }
    }
    guard let copy = found.first else {
      let isTable = catalog.tables.contains { $0.name == typed || $0.tableName.description == typed }
      throw BelayError(
        .notFound,
        isTable ? "table \(typed) is no copy that belay has made" : "there is no copy \(typed)",
        hint: NearestName.to(typed, among: copies.map(\.name.name)).map { "did you mean \($0)?" }
          ?? "`belay snapshot-table --list` shows the copies", state: "nothing was changed")
    }
    guard found.count == 1 else {
      throw BelayError(
        .notFound, "there are \(found.count) copies named \(typed)",
        hint: "add the schema: " + found.map(\.name.description).joined(separator: ", "), state: "nothing was changed")
    }
    return copy
  }

  /// The copy itself; nil: somebody has dropped it.
  package func table(of copy: TableCopy) -> CatalogTable? {
    guard let table = catalog.table(copy.name) else { return nil }
    return table.with(columns: table.declaredColumns)
  }

  /// Reads a copy, and says whether it is as it was made.
  package func isUnchanged(
    _ copy: TableCopy, on connection: Connection, context: RunContext
  ) throws(BelayError) -> Bool {
    guard let table = table(of: copy), table.columns.map(\.name) == copy.columns else { return false }
    return try connection.state(of: table, "checking \(copy.name)", context: context) == copy.state
  }
}
