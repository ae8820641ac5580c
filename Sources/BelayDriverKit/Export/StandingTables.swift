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
      }))
}
