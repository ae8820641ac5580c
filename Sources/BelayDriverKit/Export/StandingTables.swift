import BelayABI
import CBelayDriver

// The tables are written once, on first use, and only read from then on: hence `nonisolated(unsafe)`.
extension ExtensionTables {
  nonisolated(unsafe) static let preflight = permanent(
    belay_preflight(
      struct_size: structSize(belay_preflight.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .preflight) },
      check: { connection, operation, needs, rows, error in
        answering(connection, error, as: (any PreflightChecking).self) { (connection) throws(DriverFailure) in
          let findings = try connection.checkPreflight(
            PreflightNeeds(rawValue: needs), operation: Operation(handle: operation))
          try write(findings, to: rows)
        }
      }))

  nonisolated(unsafe) static let footprint = permanent(
    belay_footprint(
      struct_size: structSize(belay_footprint.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .footprint) },
      read: { connection, operation, rows, error in
        answering(connection, error, as: (any FootprintReading).self) { (connection) throws(DriverFailure) in
          let tables = try connection.footprint(operation: Operation(handle: operation))
          try write(tables, to: rows)
        }
      },
      check: { connection, operation, findings, error in
        answering(connection, error, as: (any FootprintReading).self) { (connection) throws(DriverFailure) in
          try write(try connection.checkFootprint(operation: Operation(handle: operation)), to: findings)
        }
      }))

  nonisolated(unsafe) static let reset = permanent(
    belay_reset(
      struct_size: structSize(belay_reset.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .reset) },
      reset: { connection, operation, error in
        answering(connection, error, as: (any SessionResetting).self) { (connection) throws(DriverFailure) in
          try connection.resetSession(operation: Operation(handle: operation))
        }
      },
      seam: { connection, operation, statements, error in
        answering(connection, error, as: (any SessionResetting).self) { (connection) throws(DriverFailure) in
          let sink = try ByteSink(statements)
          try sink.write(connection.seam)
        }
      },
      place: { connection, operation, table, schema, error in
        answering(connection, error, as: (any SessionResetting).self) { (connection) throws(DriverFailure) in
          let sink = try ByteSink(schema)
          try sink.write(
            try connection.place(of: try table.text("the table"), operation: Operation(handle: operation)))
        }
      }))

  nonisolated(unsafe) static let surroundings = permanent(
    belay_surroundings(
      struct_size: structSize(belay_surroundings.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .surroundings) },
      read: { connection, operation, rows, error in
        answering(connection, error, as: (any SurroundingsReading).self) { (connection) throws(DriverFailure) in
          let objects = try connection.surroundings(operation: Operation(handle: operation))
          try write(objects, to: rows)
        }
      }))
  nonisolated(unsafe) static let archived = permanent(
    belay_archived(
      struct_size: structSize(belay_archived.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .archived) },
      execute: { connection, operation, kind, sql, error in
        answering(connection, error, as: (any ArchivedRunning).self) { (connection) throws(DriverFailure) in
          try connection.executeArchived(
            try sql.text("the statements"), kind: try kind.text("the kind"), operation: Operation(handle: operation))
        }
      }))
}
