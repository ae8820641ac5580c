import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// What of a database one backup holds: all of it, or the tables of a scope.
struct BackupPart {
  let catalog: Catalog
  /// A part is never in an engine's own dump, which is of the whole database.
  let formats: [BackupFormat]
  /// nil: nothing is left out.
  let record: ScopeRecord?
  /// Patterns that match no table, where that is no error. They have been said.
  let warnings: [String]
  /// For whoever restores it. They have been said.
  let notes: [String]

  /// - Throws: `.notFound` where a pattern must match and does not, or where no table is left.
  init(of whole: Catalog, _ scope: BackupScope?, formats: [BackupFormat], context: RunContext) throws(BelayError) {
    guard let scope else {
      catalog = whole
      self.formats = formats
      record = nil
      warnings = []
      notes = []
      return
    }
    let part = try ScopedCatalog(whole, scope)
    var warnings = part.unmatched.map { "\($0.text), which belay.yaml has in the scope of this target" }
    guard part.unmatched.isEmpty || !scope.isRequired else {
      throw BelayError(
        .notFound, part.unmatched.map(\.text).joined(separator: ", "),
        hint: Self.hint(whole, schemas: part.unmatched.contains(where: \.isOfSchemas)), state: "nothing was backed up")
    }
    let policies = part.leftOutObjects.filter { $0.kind == "policy" }.map(\.label)
    if !policies.isEmpty {
      warnings.append(
        "policies are left out, so whoever uses a restored part may see rows that they hide: "
          + policies.joined(separator: ", "))
    }
    self.warnings = warnings
    for warning in warnings { context.log(.warning, warning) }
    notes = part.references.map { "Table \($0.table) refers to \($0.to), which is not in this archive." }
    for note in notes { context.log(.notice, note) }
    guard part.catalog.tables.contains(where: { !$0.flags.contains(.internal) }) || part.isWhole else {
      throw BelayError(.notFound, "the scope leaves no table", hint: Self.hint(whole), state: "nothing was backed up")
    }
    catalog = part.catalog
    self.formats = part.isWhole ? formats : formats.filter { $0 != .native }
    guard !self.formats.isEmpty else {
      throw BelayError(
        .usage, "a native dump holds the whole database, so a part of it cannot be backed up as native alone",
        hint: "add sql or csv to --formats", state: "nothing was backed up")
    }
    record =
      part.isWhole
      ? nil
      : ScopeRecord(
        schemas: scope.schemas, tables: scope.tables, excludedTables: scope.excludedTables,
        configured: scope.isConfigured, leftOutTables: part.leftOutTables,
        leftOutObjects: part.leftOutObjects.map { "\($0.kind) \($0.label)" })
  }

  /// - Parameter schemas: Name those too.
  private static func hint(_ whole: Catalog, schemas isOfSchemas: Bool = false) -> String {
    let tables = Set(whole.tables.filter { !$0.flags.contains(.internal) }.map(\.ownerName))
    guard !tables.isEmpty else { return "the database has no tables" }
    let listed = "its tables: " + list(tables.sorted().map(Self.asTyped))
    guard isOfSchemas else { return listed }
    let schemas = Set(tables.map(\.schema)).subtracting([""])
    return schemas.isEmpty
      ? "this database has no schemas; \(listed)" : "its schemas: \(list(schemas.sorted().map(\.shellWord)))"
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
  }

  /// As `--table` takes it from a shell: what would be a pattern, or another name, is quoted.
  private static func asTyped(_ table: TableName) -> String {
    func quoted(_ name: String) -> String {
      let isPlain = !name.isEmpty && !name.contains { ".*?\"`".contains($0) }
      return isPlain ? name : "\"\(name.replacing("\"", with: "\"\""))\""
    }
    return (table.schema.isEmpty ? quoted(table.name) : "\(quoted(table.schema)).\(quoted(table.name))").shellWord
  }
}
