import ArgumentParser
import BelayBase

/// Which tables a backup holds.
struct ScopeOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .singleValue,
    help:
      "Back up only the tables that match: [SCHEMA.]TABLE, with * and ?. Overrides the scope in belay.yaml. Can be repeated.",
    completion: .table)
  var table: [String] = []
  @Option(
    name: .long, parsing: .singleValue, help: "Back up only the tables of the schemas that match. Can be repeated.")
  var schema: [String] = []
  @Option(
    name: .long, parsing: .singleValue, help: "Leave out the tables that match. Can be repeated.", completion: .table)
  var excludeTable: [String] = []

  func validate() throws {
    if (table + schema + excludeTable).contains("") { throw ValidationError("a pattern of tables is empty") }
  }

  /// - Parameter configured: the target's, in belay.yaml.
  func scope(or configured: BackupScope?) -> BackupScope? {
    var scope = BackupScope()
    scope.tables = table
    scope.schemas = schema
    scope.excludedTables = excludeTable
    return scope.isEmpty ? configured : scope
  }
}
