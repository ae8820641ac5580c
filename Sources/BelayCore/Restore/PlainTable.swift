import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// A new table with the columns, their types and the primary key of another one, and nothing else: for its rows beside the
/// live table.
struct PlainTable {
  private let table: CatalogTable
  private let typed: String

  /// - Parameter typed: `[SCHEMA.]NAME`, quoted as in SQL where it has to be; without a schema, in the table's own.
  init(_ table: CatalogTable, named typed: String) {
    self.table = table
    self.typed = typed
  }

  /// - Returns: the new table, as the catalog has it.
  func make(in connection: Connection, present: Catalog, context: RunContext) throws(BelayError) -> CatalogTable {
    let name = try name()
    guard !present.objects.contains(where: { $0.schema == name.schema && $0.name == name.name && $0.parent.isEmpty })
    else {
      throw BelayError(
        .refused, "\(name) is there already", hint: "choose another name", state: "nothing was changed")
    }
    do {
      _ = try connection.execute(statement(name, connection.traits), operation: context.stoppable())
      let catalog = try connection.catalog(operation: context.stoppable())
      guard let made = catalog.table(name) else {
        throw BelayError(.failed, "table \(name) is not there after it was made")
      }
      // One without a key of its own has the engine's, where the table that it is made after may have none.
      let columns = table.storedColumns.compactMap { column in made.storedColumns.first { $0.name == column.name } }
      guard columns.count == table.storedColumns.count else {
        throw BelayError(.failed, "the columns of \(name) are not those of \(table.tableName)")
      }
      return CatalogTable(object: made.object, columns: columns)
    } catch {
      throw BelayError(any: error, doing: "cannot make table \(name)", kind: .failed)
    }
  }

  /// As it will be.
  func name() throws(BelayError) -> TableName {
    let parts = DatabaseState.unquoted(typed)
    guard parts.allSatisfy({ !$0.isEmpty }), parts.count == 1 || parts.count == 2 && !table.schema.isEmpty else {
      throw BelayError(
        .usage, "`\(typed)` is no name for a table",
        hint: "write [SCHEMA.]NAME; quote a part with a dot or a quote in it as in SQL")
    }
    return TableName(schema: parts.count == 2 ? parts[0] : table.schema, name: parts[parts.count - 1])
  }

  private func statement(_ name: TableName, _ traits: Traits) -> String {
    let columns = table.storedColumns.filter { !$0.flags.contains(.implicit) }
    var lines = columns.map { column in
      column.nativeType.isEmpty ? traits.quoted(column.name) : "\(traits.quoted(column.name)) \(column.nativeType)"
    }
    let key = columns.filter { $0.flags.contains(.primaryKey) }.map { traits.quoted($0.name) }
    if !key.isEmpty { lines.append("PRIMARY KEY (\(key.joined(separator: ", ")))") }
    return "CREATE TABLE \(traits.quoted(schema: name.schema, name: name.name)) (\(lines.joined(separator: ", ")))"
  }
}
