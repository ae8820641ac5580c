/// A pattern of a scope that matches nothing.
package struct UnmatchedPattern: Sendable, Equatable {
  /// Else of tables.
  package let isOfSchemas: Bool
  /// As a person has written it.
  package let typed: String

  /// "no table matches `x`"
  package var text: String { "no \(isOfSchemas ? "schema" : "table") matches `\(typed)`" }
}
