import CBelayDriver

// The tables are written once, on first use, and only read from then on: hence `nonisolated(unsafe)`.
extension ExtensionTables {
  nonisolated(unsafe) static let atomic = permanent(
    belay_atomic(
      struct_size: structSize(belay_atomic.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .atomic) },
      run: { connection, operation, statements, count, failed, error in
        answering(connection, error, as: (any AtomicRunning).self) { (connection) throws(DriverFailure) in
          var texts: [String] = []
          for statement in UnsafeBufferPointer(start: statements, count: statements == nil ? 0 : Int(count)) {
            texts.append(try statement.text("statement \(texts.count)"))
          }
          do throws(DriverFailure) {
            try connection.runAtomically(texts, operation: Operation(handle: operation))
          } catch {
            failed?.pointee = error.statement.map(Int64.init) ?? -1
            throw error
          }
        }
      }))

  nonisolated(unsafe) static let lock = permanent(
    belay_lock(
      struct_size: structSize(belay_lock.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .lock) },
      acquire: { connection, operation, name, error in
        answering(connection, error, as: (any Locking).self) { (connection) throws(DriverFailure) in
          try connection.acquireLock(try name.text("the lock's name"), operation: Operation(handle: operation))
        }
      },
      release: { connection, operation, name, error in
        answering(connection, error, as: (any Locking).self) { (connection) throws(DriverFailure) in
          try connection.releaseLock(try name.text("the lock's name"), operation: Operation(handle: operation))
        }
      }))

  nonisolated(unsafe) static let sessions = permanent(
    belay_sessions(
      struct_size: structSize(belay_sessions.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .sessions) },
      list: { connection, operation, rows, error in
        answering(connection, error, as: (any SessionListing).self) { (connection) throws(DriverFailure) in
          let sessions = try connection.sessions(operation: Operation(handle: operation))
          try write(sessions, to: rows)
        }
      },
      terminate: { connection, operation, id, error in
        answering(connection, error, as: (any SessionListing).self) { (connection) throws(DriverFailure) in
          try connection.terminateSession(try id.text("the session's id"), operation: Operation(handle: operation))
        }
      }))
}
