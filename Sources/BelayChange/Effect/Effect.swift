import BelayArchive

/// What a change has done to the target by the time it stopped. Rollback and recovery decide by this alone; what kind of
/// change it was makes no difference to them.
package enum Effect: Sendable, Equatable {
  /// Nothing of it has run on the target.
  case nothing
  /// The engine has rolled its only transaction back, or does so by itself.
  case undone
  /// Some of it may be in the database.
  case partial(Partial)
  /// All of it is in the database.
  case committed
  /// The answer to a COMMIT was lost, and whether it took effect cannot be found out now.
  case unknown

  /// What is known of a change that stopped half-way.
  package struct Partial: Sendable, Equatable {
    /// Steps that are certainly in the database.
    package var committedSteps: Int
    /// false: the step that failed writes no rows, so that rows which differ are those of others.
    package var mayWriteRows: Bool
    /// The tables that hold all rows which it may have written; nil: any may.
    package var tables: Set<TableName>?

    package init(committedSteps: Int, mayWriteRows: Bool = true, tables: Set<TableName>? = nil) {
      self.committedSteps = committedSteps
      self.mayWriteRows = mayWriteRows
      self.tables = tables
    }
  }
}
