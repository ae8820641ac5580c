import BelayRows
import CBelayDriver

extension Connection {
  /// Takes the lock, or fails immediately with `.busy`; the message names the holder, if known.
  ///
  /// If the driver has locks, the lock ends with the connection or the process. Otherwise it is a row in belay's own
  /// table, outside any transaction, which a killed process leaves behind.
  package func lock(_ name: String, operation: Operation) throws(DriverError) {
    guard let table = try table(belay_lock.self, operation) else {
      return try LockTable(connection: self).take(name, operation)
    }
    try perform(Call(.lock, "acquire", answersAtOnce: true), operation) { connection, operation, error in
      name.withBorrowed { table.acquire(connection, operation, $0, error) }
    }
  }

  /// Releases a lock that this connection holds.
  package func unlock(_ name: String, operation: Operation) throws(DriverError) {
    guard let table = try table(belay_lock.self, operation) else {
      return try LockTable(connection: self).release(name, operation)
    }
    try perform(Call(.lock, "release"), operation) { connection, operation, error in
      name.withBorrowed { table.release(connection, operation, $0, error) }
    }
  }
}

extension SchemaObject {
  /// The table of belay's own locks, or part of it.
  package var isOfLockTable: Bool { name == LockTable.name || parent == LockTable.name }
}

extension Connection {
  /// The table that holds the locks of drivers without locks of their own.
  package static var lockTable: String { LockTable.name }
}
