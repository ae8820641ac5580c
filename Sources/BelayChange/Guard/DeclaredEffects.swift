import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// What a person allows a command to take away or to change, by the names that the database has for it.
struct DeclaredEffects: Sendable {
  private(set) var loss: Set<String> = []
  private(set) var change: Set<String> = []
  private(set) var expectations: [Expectation] = []
  /// Names that nothing has: slips, which would allow nothing.
  private(set) var findings: [Finding] = []

  init(_ request: GuardRequest, catalog: Catalog) throws(BelayError) {
    let names = DeclaredNames(catalog: catalog, statements: [])
    loss = resolve(request.allowLoss, "--allow-loss", names)
    change = resolve(request.allowChange, "--allow-change", names)
    for text in request.expectations {
      var words = Words(text)
      guard let expectation = Expectation(&words), words.isAtEnd else {
        throw BelayError(
          .usage, "--expect \(text.shellWord) cannot be read",
          hint: "write 'rows(TABLE) = before', '>= before - 3', '= 0' …", state: "nothing was changed")
      }
      expectations.append(expectation)
    }
  }

  private mutating func resolve(_ typed: [String], _ option: String, _ names: DeclaredNames) -> Set<String> {
    var found: Set<String> = []
    for name in typed {
      guard let resolved = names.resolve(name) else {
        findings.append(
          Finding(
            .warning, source: "preflight", rule: "unknown-name", subject: "\(option) \(name)",
            message: "allows nothing: the database has no \(name)", hint: names.hint(for: name)))
        continue
      }
      found.insert(resolved)
    }
    return found
  }

  /// Of a table, or of an object that belongs to one.
  func allowsLoss(_ object: SchemaObject) -> Bool {
    [object.name, object.parent].contains { loss.declares(TableName(schema: object.schema, name: $0)) }
  }
  func allowsLoss(_ table: CatalogTable) -> Bool { loss.declares(table.tableName) }
  func allowsChange(_ table: CatalogTable) -> Bool {
    loss.declares(table.tableName) || change.declares(table.tableName)
  }
}
