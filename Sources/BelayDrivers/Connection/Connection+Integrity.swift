import CBelayDriver

extension Connection {
  /// The engine's own check of the database, also inside a transaction; empty when all is well, nil where the engine has
  /// none. full: the storage to its depth.
  package func integrity(full: Bool, operation: Operation) throws(DriverError) -> [IntegrityFinding]? {
    guard let table = try table(belay_integrity.self, operation) else { return nil }
    let depth = UInt32(full ? BELAY_CHECK_FULL : BELAY_CHECK_QUICK)
    let call = Call(.integrity, "check")
    let rows = try collectRows(call, operation) { table.check($0, $1, depth, $2, $3) }
    return try rows.map { row throws(DriverError) in
      guard row.count == 4, let check = row[0].text, let object = row[1].text, let message = row[3].text else {
        throw call.defect(of: driver, "its rows are not as agreed")
      }
      return IntegrityFinding(check: check, object: object, identity: row[2].text, message: message)
    }
  }
}
