import BelayDrivers

/// The columns of a table that was made anew, whose definitions demand or give less than before.
struct RebuiltColumns {
  /// By the column's name: what it has lost, in SQL's words.
  private(set) var lost: [(column: String, words: [String])] = []

  init(_ before: CatalogTable, _ after: CatalogTable, before whole: Catalog, after wholeAfter: Catalog) {
    let known = Set(whole.objects.map(\.identity))
    // An object of the table's own may say now what the column's definition said.
    let added = Set(
      wholeAfter.objects.filter {
        $0.parent == after.name && $0.schema == after.schema && !known.contains($0.identity)
      }.map(\.kind))
    for column in before.columns {
      guard let now = after.columns.first(where: { $0.name == column.name }) else { continue }
      var words: [String] = []
      // A key's columns are never NULL, and a key that is lost is an object.
      let isFree = now.flags.isDisjoint(with: [.notNull, .primaryKey]) && !column.flags.contains(.primaryKey)
      if column.flags.contains(.notNull), isFree { words.append("NOT NULL") }
      if column.flags.contains(.hasDefault), !now.flags.contains(.hasDefault), !added.contains("default") {
        words.append("default")
      }
      if column.flags.contains(.isChecked), !now.flags.contains(.isChecked),
        added.isDisjoint(with: ["check", "constraint"])
      {
        words.append("CHECK")
      }
      if !words.isEmpty { lost.append((column.name, words)) }
    }
  }
}
