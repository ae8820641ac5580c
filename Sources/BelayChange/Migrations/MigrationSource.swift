import BelayBase

/// Where migrations come from: a folder, read by the rules of one convention.
package protocol MigrationSource: Sendable {
  /// For messages: the folder's path.
  var description: String { get }

  /// Every migration, in the order in which they are applied.
  /// - Throws: `.notFound` where the folder cannot be read or holds none, `.refused` for a file that cannot be used.
  func files() throws(BelayError) -> [MigrationFile]

  /// The files that a person names one by one, in the order given: a name in the folder, or a path.
  func files(named names: [String]) throws(BelayError) -> [MigrationFile]

  /// Whether a migration comes before another.
  func precedes(_ a: String, _ b: String) -> Bool

  /// Whether a name is one of a file that undoes another, and so is applied only where it is named.
  func isDown(_ name: String) -> Bool
}
