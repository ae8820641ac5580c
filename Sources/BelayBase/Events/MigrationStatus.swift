/// The state of one migration in a database.
package struct MigrationStatus: Codable, Sendable, Equatable {
  package enum State: String, Codable, Sendable {
    case applied, pending
    /// The ledger has it, and the file's text is another one by now.
    case changed
    /// The ledger has it, and the folder has no such file.
    case missing
  }

  /// The name in belay.yaml of the database, or its URL without secrets.
  package var target = ""
  /// The file's, by its path in the folder; of a missing one, what the ledger calls it.
  package var name: String
  package var state: State
  /// When it was applied, as the ledger has it; nil: the ledger does not say, or it is not.
  package var appliedAt: String?
  /// Who has applied it: "run 20261120T143022Z-shop", "dbmate"; nil as above.
  package var by: String?
  /// What a person must know; nil: nothing.
  package var remark: String?

  package init(
    name: String, state: State, appliedAt: String? = nil, by: String? = nil, remark: String? = nil
  ) {
    self.name = name
    self.state = state
    self.appliedAt = appliedAt
    self.by = by
    self.remark = remark
  }
}
