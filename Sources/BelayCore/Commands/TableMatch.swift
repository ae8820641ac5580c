import BelayDatabase
import BelayDifference
import BelayDrivers

/// How one table of two sides is compared: by which columns, and which of these are the key.
struct TableMatch {
  /// The table with the compared columns alone.
  let table: CatalogTable
  let first: RowShape
  let second: RowShape
  /// Names of the key's columns; empty: none, or the two sides do not agree on one.
  let key: [String]
  /// Columns that only one side has.
  let uncompared: [String]

  /// - Parameters: nil: that side has no such table, and so no rows.
  init?(_ first: CatalogTable?, _ second: CatalogTable?) {
    guard let leading = first ?? second else { return nil }
    let left = Self.columns(first ?? leading)
    let right = Self.columns(second ?? leading)
    let names = Set(right.map(\.name))
    let common = left.filter { names.contains($0.name) }
    table = CatalogTable(object: leading.object, columns: common)
    let shared = Set(common.map(\.name))
    uncompared = (left + right).map(\.name).filter { !shared.contains($0) }
    func keyColumns(_ columns: [SchemaObject]) -> [String] {
      columns.filter { $0.flags.contains(.primaryKey) }.map(\.name)
    }
    let leftKey = keyColumns(left)
    let isShared = Set(leftKey) == Set(keyColumns(right)) && shared.isSuperset(of: leftKey)
    key = isShared ? leftKey : []
    let keyPlaces = key.compactMap { name in common.firstIndex { $0.name == name } }
    self.first = Self.shape(of: first ?? leading, common, keyPlaces)
    self.second = Self.shape(of: second ?? leading, common, keyPlaces)
  }

  /// Without those that nobody declared: two rows of equal content are equal, wherever the engine has put them.
  private static func columns(_ table: CatalogTable) -> [SchemaObject] {
    table.storedColumns.filter { !$0.flags.contains(.implicit) }
  }

  private static func shape(of table: CatalogTable, _ common: [SchemaObject], _ key: [Int]) -> RowShape {
    let stored = table.storedColumns.map(\.name)
    return RowShape(places: common.compactMap { stored.firstIndex(of: $0.name) }, key: key)
  }
}
