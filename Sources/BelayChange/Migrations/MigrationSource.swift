import BelayBase

/// Where migrations come from: a folder, read by the rules of one convention.
package protocol MigrationSource: Sendable {
  /// For messages: the folder's path.
  var description: String { get }

  /// Every migration, in the order in which they are applied, and what lies beside them.
  /// - Throws: `.notFound` where the folder cannot be read or holds none, `.refused` for a file that cannot be used.
  func read() throws(BelayError) -> SourceContent

  /// The files that a person names one by one, in the order given: a name in the folder, or a path.
  func files(named names: [String]) throws(BelayError) -> [MigrationFile]

  /// Whether a file is there, by its name in the ledger.
  func contains(_ name: String) -> Bool

  /// Whether a name in the ledger is that of a file in the folder itself, not of one from elsewhere.
  func isOfFolder(_ name: String) -> Bool

  /// Whether a migration comes before another.
  func precedes(_ a: String, _ b: String) -> Bool

  /// Whether a name in the ledger has a place in the order of the folder's migrations: a file from elsewhere has none, nor
  /// has one that undoes another.
  func isInOrder(_ name: String) -> Bool
}

/// What a source holds.
package struct SourceContent: Sendable {
  package var files: [MigrationFile]
  /// What looks like a migration and is none, with the reason.
  package var skipped: [SkippedFile] = []
  /// What shows that the folder is another tool's.
  package var mark: FolderMark?
  /// Of these the names do not tell whether they are migrations.
  package var unclear: [MigrationFile] = []
}

/// A file that is not applied unless it is named.
package struct SkippedFile: Sendable, Equatable {
  package let name: String
  /// "undoes 0007_posts.sql"
  package let reason: String

  package var line: String { "\(name): \(reason)" }
}
