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
          try writing(["depth", "detail", "table", "full_scan", "rows"], to: rows, steps) {
            (writer, step) throws(DriverFailure) in
            writer.integer(step.depth)
            try writer.text(step.detail)
            try writer.text(step.table)
            writer.bool(step.isFullScan)
            if let rows = step.rows { writer.integer(rows) } else { writer.null() }
          }
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
          try writing(["check", "object", "identity", "message"], to: rows, findings) {
            (writer, finding) throws(DriverFailure) in
            try writer.text(finding.check)
            try writer.text(finding.object)
            try writer.text(finding.identity)
            try writer.text(finding.message)
          }
        }
      }))
}
