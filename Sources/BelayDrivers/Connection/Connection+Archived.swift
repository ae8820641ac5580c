import BelayABI
import BelayRows
import CBelayDriver

extension Connection {
  /// Runs statements that an archive holds: the ddl of one object, or with the kind `rows` INSERTs. A driver that can tell
  /// refuses, with `.invalid`, what it would not have written itself. With another driver they run as they are.
  package func executeArchived(_ sql: String, kind: String, operation: Operation) throws(DriverError) {
    guard let table = try table(belay_archived.self, operation) else {
      try execute(sql, operation: operation)
      return
    }
    try perform(Call(.archived, "execute", writes: true), operation) { connection, operation, error in
      kind.withBorrowed { kind in
        sql.withBorrowed { table.execute(connection, operation, kind, $0, error) }
      }
    }
  }
}
