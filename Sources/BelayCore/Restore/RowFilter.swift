import BelayDrivers

/// The condition of `belay extract --where`.
struct RowFilter {
  private let text: String

  init(_ text: String) { self.text = text.lowercased() }

  /// It may be about more than the rows of one table: it has a query of its own, or the name of another table, a view or a
  /// function in it. Where that is a mistake, it costs time, and no rows.
  func mayNameOthers(than table: CatalogTable, in catalog: Catalog) -> Bool {
    let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    if words.contains(where: { ["select", "table", "with", "from"].contains($0) }) { return true }
    return catalog.objects.contains { object in
      guard object.kind != "column", object.kind != "setting", object.identity != table.object.identity else {
        return false
      }
      let name = object.name.lowercased()
      // A quote in a name is doubled where it is quoted.
      return name.isEmpty || text.contains(name) || text.contains(name.replacing("\"", with: "\"\""))
    }
  }
}
