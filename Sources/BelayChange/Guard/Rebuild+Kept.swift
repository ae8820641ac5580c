import BelayArchive
import BelayDifference
import BelayDrivers

extension Rebuild {
  /// A table that is still there, whatever was done to it: the columns that it had and still has, in both types alike, are
  /// compared.
  init?(_ table: CatalogTable, after now: CatalogTable) {
    let old = table.storedColumns.filter { !$0.flags.contains(.implicit) }
    let new = now.storedColumns
    let names = old.filter { column in
      new.contains { $0.name == column.name && $0.nativeType.lowercased() == column.nativeType.lowercased() }
    }.map(\.name)
    guard !names.isEmpty else { return nil }
    let primary = old.filter { $0.flags.contains(.primaryKey) }.map(\.name)
    let key = primary.allSatisfy(names.contains) ? primary : []
    let places = key.compactMap(names.firstIndex)
    func shape(_ columns: [SchemaObject]) -> RowShape {
      RowShape(places: names.compactMap { name in columns.firstIndex { $0.name == name } }, key: places)
    }
    self.init(before: table, after: now, shapes: (shape(table.storedColumns), shape(new)), columns: names, key: key)
  }
}
