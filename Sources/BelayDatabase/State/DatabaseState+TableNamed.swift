import BelayArchive
import BelayBase
import BelayDrivers

extension DatabaseState {
  /// Tables by their names as a person types them, in the catalog's order, in which one may need those before it.
  package func tables(named names: [String], archive: String) throws(BelayError) -> [CatalogTable] {
    var wanted: Set<TableName> = []
    for name in names { wanted.insert(try table(named: name, archive: archive).tableName) }
    return catalog.tables.filter { wanted.contains($0.tableName) }
  }

  /// A table by its name as a person types it: with or without its schema, as it is or quoted as in SQL.
  package func table(named name: String, archive: String) throws(BelayError) -> CatalogTable {
    var found = catalog.tables.filter { $0.name == name || $0.tableName.description == name }
    if found.isEmpty {
      let parts = Self.unquoted(name)
      found = catalog.tables.filter { parts == [$0.name] || parts == [$0.schema, $0.name] }
    }
    guard let table = found.first else {
      throw BelayError(.notFound, "archive \(archive) contains no table \(name)", hint: tablesLike(name))
    }
    guard found.count == 1 else {
      throw BelayError(
        .notFound, "archive \(archive) contains \(found.count) tables named \(name)",
        hint: "add the schema: " + found.map(\.tableName.description).joined(separator: ", "))
    }
    return table
  }

  /// `public."odd ""name"""` is public, odd "name". Backticks quote too. Empty where a quote is not closed.
  package static func unquoted(_ name: String) -> [String] {
    var parts = [""]
    var quote: Character?
    var last: Character?
    for character in name {
      if let open = quote {
        if character == open { quote = nil } else { parts[parts.count - 1].append(character) }
      } else if character == "\"" || character == "`" {
        // A doubled quote stands for one.
        if character == last { parts[parts.count - 1].append(character) }
        quote = character
      } else if character == "." {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
      // The quote that opens a name is not the second of a pair.
      last = quote == nil ? character : nil
    }
    return quote == nil ? parts : []
  }

  private func tablesLike(_ name: String) -> String {
    let names = catalog.tables.map(\.tableName.description)
    let parts = Self.unquoted(name)
    let typed = parts.isEmpty ? name : parts.joined(separator: ".")
    let bare = catalog.tables.map(\.name)
    if let near = NearestName.to(typed, among: names) { return "did you mean \(near)?" }
    if let near = NearestName.to(typed, among: bare),
      let table = catalog.tables.first(where: { $0.name == near })
    {
      return "did you mean \(table.tableName)?"
    }
    let more = names.count - 20
    return "it contains: " + names.prefix(20).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}
