import BelayArchive
import BelayBase
import BelayDrivers

/// The names that a directive can mean: of what is in the database, and of what the change's statements write.
package struct DeclaredNames {
  /// As they are spelt, by their spelling in small letters; with and without the schema. A name with its schema means that
  /// one alone.
  private var spellings: [String: Set<String>] = [:]

  package init(catalog: Catalog, statements: [Statement]) {
    for object in catalog.objects where !["column", "setting"].contains(object.kind) {
      add(object.name, schema: object.schema)
    }
    for write in statements.flatMap(\.writes) where write.kind != "column" { add(write.name, schema: write.schema) }
  }

  private mutating func add(_ name: String, schema: String) {
    spellings[name.lowercased(), default: []].insert(name)
    guard !schema.isEmpty else { return }
    let whole = TableName(schema: schema, name: name).description
    spellings[whole.lowercased(), default: []].insert(whole)
  }

  /// What a name stands for, as the database spells it: exactly, else whatever its case where only one name is like it.
  /// - Returns: nil where nothing has that name.
  package func resolve(_ typed: String) -> String? {
    guard let like = spellings[typed.lowercased()] else { return nil }
    if like.contains(typed) { return typed }
    return like.count == 1 ? like.first : nil
  }

  /// The names that were given with an option, and a finding for each that nothing has: a slip, which allows nothing.
  package func resolve(
    _ typed: [String], of option: String, source: String
  ) -> (names: Set<String>, slips: [Finding]) {
    var result: (names: Set<String>, slips: [Finding]) = ([], [])
    for name in typed {
      if let resolved = resolve(name) {
        result.names.insert(resolved)
      } else {
        result.slips.append(
          Finding(
            .warning, source: source, rule: "unknown-name", subject: "\(option) \(name)",
            message: "allows nothing: the database has no \(name)", hint: hint(for: name)))
      }
    }
    return result
  }

  /// For a name that nothing has.
  package func hint(for typed: String) -> String? {
    let names = spellings.values.reduce(into: Set<String>()) { $0.formUnion($1) }
    return NearestName.to(typed, among: names.sorted()).map { "did you mean \($0)?" }
  }
}

extension Set<String> {
  /// Whether it holds the name, alone or with its schema.
  func declares(_ table: TableName) -> Bool { contains(table.name) || contains(table.description) }
}
