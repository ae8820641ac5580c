/// A table's name as the database has it, unquoted.
package struct TableName: Codable, Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Empty if the database has no schemas.
  package var schema: String
  package var name: String

  package init(schema: String = "", name: String) {
    self.schema = schema
    self.name = name
  }

  /// `schema.name`, or the name alone; `""` for one of no letters.
  package var description: String {
    let shown = name.isEmpty ? "\"\"" : name
    return schema.isEmpty ? shown : "\(schema).\(shown)"
  }

  package static func < (left: TableName, right: TableName) -> Bool {
    (left.schema, left.name) < (right.schema, right.name)
  }
}
