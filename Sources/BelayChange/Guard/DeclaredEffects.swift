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
    let losses = names.resolve(request.allowLoss, of: "--allow-loss", source: "preflight")
    let changes = names.resolve(request.allowChange, of: "--allow-change", source: "preflight")
    (loss, change, findings) = (losses.names, changes.names, losses.slips + changes.slips)
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

  /// Of a table, or of an object that belongs to one.
  func allowsLoss(_ object: SchemaObject) -> Bool {
    [object.name, object.parent].contains { loss.declares(TableName(schema: object.schema, name: $0)) }
  }
  func allowsLoss(_ table: CatalogTable) -> Bool { loss.declares(table.tableName) }
  func allowsChange(_ table: CatalogTable) -> Bool {
    loss.declares(table.tableName) || change.declares(table.tableName)
  }
}
