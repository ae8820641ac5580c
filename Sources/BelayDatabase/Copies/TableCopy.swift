import BelayArchive
import BelayBase
import Foundation

/// A copy of a table that lies beside it in its database, as the row of belay's own table there says.
package struct TableCopy: Sendable, Equatable {
  package var name: TableName
  /// The table that it was made of.
  package var table: TableName
  /// The names of its columns, in their order.
  package var columns: [String]
  /// ISO 8601, UTC.
  package var madeAt: String
  /// From then on retention drops it; ISO 8601, UTC. nil: never.
  package var expiresAt: String?
  package var state: TableState
  /// The id of the run that made it.
  package var run: String
  /// The name that its user has on the machine where belay ran.
  package var madeBy: String
  package var belayVersion: String

  package init(
    name: TableName, table: TableName, columns: [String], madeAt: String, expiresAt: String?, state: TableState,
    run: String,
    madeBy: String, belayVersion: String = Belay.version
  ) {
    self.name = name
    self.table = table
    self.columns = columns
    self.madeAt = madeAt
    self.expiresAt = expiresAt
    self.state = state
    self.run = run
    self.madeBy = madeBy
    self.belayVersion = belayVersion
  }

  /// Retention may drop it. A moment that cannot be read is none.
  package func isExpired(at now: Date) -> Bool {
    expiresAt.flatMap(Moment.parse).map { $0 <= now } ?? false
  }
}
