import BelayDriverKit
import CSQLite
import SQLiteDialect

/// One instant of a database: a private copy of the file, read-only.
final class View {
  let path: String
  let database: Database
  /// The copy is removed with the view.
  private let ownsCopy: Bool

  init(_ path: String, ownsCopy: Bool, watch: Watch) throws(DriverFailure) {
    self.path = path
    self.ownsCopy = ownsCopy
    database = try Database(readingCopy: path, watch: watch)
  }

  /// Returns to the current state; removes the copy if this connection made it.
  func close() {
    database.close()
    if ownsCopy { TemporaryFile.remove(path) }
  }
}
