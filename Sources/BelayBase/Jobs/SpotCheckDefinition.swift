/// A query whose rows are shown in the report, before a change and after it. From belay.yaml.
package struct SpotCheckDefinition: Codable, Sendable, Equatable, TargetSpecific {
  package var name: String
  package var sql: String
  /// Columns of the result whose values go into no file.
  package var masked: [String]
  /// How many rows are shown.
  package var rows: Int
  /// Names in belay.yaml of the targets that it is about; nil: all.
  package var targets: [String]?

  package static let defaultRows = 20
  package static let mostRows = 500

  package init(
    name: String, sql: String, masked: [String] = [], rows: Int = SpotCheckDefinition.defaultRows,
    targets: [String]? = nil
  ) {
    self.name = name
    self.sql = sql
    self.masked = masked
    self.rows = rows
    self.targets = targets
  }
}
