import BelayArchive
import BelayDatabase
import BelayDifference
import BelayDrivers

/// A table that a change has dropped and made anew under its name. It is to hold the same rows, with the same values in the
/// columns that both have, but for those for which the change has written an expression.
package struct Rebuild: Sendable {
  package let before: CatalogTable
  package let after: CatalogTable
  /// Of the rows before and after.
  package let shapes: (RowShape, RowShape)
  /// Names of the compared columns.
  package let columns: [String]
  /// Those of them that tell the rows apart; empty: there are none, and rows are compared by all their values.
  package let key: [String]

  init(
    before: CatalogTable, after: CatalogTable, shapes: (RowShape, RowShape), columns: [String], key: [String]
  ) {
    self.before = before
    self.after = after
    self.shapes = shapes
    self.columns = columns
    self.key = key
  }

  /// nil: it is no rebuild, or nothing can be compared.
  package init?(_ table: CatalogTable, before: Catalog, after: Catalog, intent: Intent) {
    let name = table.tableName
    guard table.hasRows, table.flags.isDisjoint(with: [.internal, .shadow]), intent.drops(name),
      let now = after.tableWithRows(name)
    else { return nil }
    // The rows go through a table that is there for a moment only, or come from the old one under another name.
    let lasting = Set(before.tables.map(\.tableName)).intersection(after.tables.map(\.tableName))
    guard let computed = intent.computedColumns(of: intent.tables.subtracting(lasting).union([name])) else {
      return nil
    }
    let old = table.storedColumns
    let new = now.storedColumns
    let common = old.filter { column in
      !column.flags.contains(.implicit) && !computed.contains(column.name)
        && new.contains { $0.name == column.name && $0.hasSameType(as: column) && !$0.flags.contains(.implicit) }
    }
    guard !common.isEmpty else { return nil }
    let names = common.map(\.name)
    let primary = old.filter { $0.flags.contains(.primaryKey) }.map(\.name)
    let key = primary.allSatisfy(names.contains) ? primary : []
    let keyPlaces = key.compactMap(names.firstIndex)
    func shape(_ columns: [SchemaObject]) -> RowShape {
      RowShape(places: names.compactMap { name in columns.firstIndex { $0.name == name } }, key: keyPlaces)
    }
    self.before = table
    self.after = now
    shapes = (shape(old), shape(new))
    columns = names
    self.key = key
  }
}

/// What became of the rows of a table that was made anew.
package struct RebuiltRows: Sendable, Equatable {
  /// Rows of before that it has no more: none with their key, or where there is no key none like them.
  package var lost: UInt64 = 0
  /// Rows with the same key and other values.
  package var changed: UInt64 = 0
  /// The columns with these values.
  package var columns: Set<String> = []
  /// The first row that is lost, by its key: "id 5"
  package var example: String?

  package init() {}
}

extension SchemaObject {
  /// Of a column: another type may give the values another form.
  fileprivate func hasSameType(as other: SchemaObject) -> Bool {
    nativeType.lowercased() == other.nativeType.lowercased()
  }
}
