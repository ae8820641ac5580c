import CBelayDriver

// The tables are written once, on first use, and only read from then on: hence `nonisolated(unsafe)`.
extension ExtensionTables {
  nonisolated(unsafe) static let explain = permanent(
    belay_explain(
      struct_size: structSize(belay_explain.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .explain) },
      explain: { connection, operation, sql, rows, error in
        answering(connection, error, as: (any Explaining).self) { (connection) throws(DriverFailure) in
          let steps = try connection.explain(
            try sql.text("the SQL text"), operation: Operation(handle: operation))
          try write(steps, to: rows)
        }
      }))

  nonisolated(unsafe) static let integrity = permanent(
    belay_integrity(
      struct_size: structSize(belay_integrity.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .integrity) },
      check: { connection, operation, depth, rows, error in
        answering(connection, error, as: (any IntegrityChecking).self) { (connection) throws(DriverFailure) in
          let findings = try connection.checkIntegrity(
            full: depth != BELAY_CHECK_QUICK, operation: Operation(handle: operation))
          try write(findings, to: rows)
        }
      }))
}
