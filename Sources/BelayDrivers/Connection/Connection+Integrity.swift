import BelayText
import CBelayDriver

extension Connection {
  /// The engine's own check of the database, also inside a transaction; empty if there is no problem, nil if the engine
  /// has no such check. full: checks the storage thoroughly.
  package func integrity(full: Bool, operation: Operation) throws(DriverError) -> [IntegrityFinding]? {
    guard let table = try table(belay_integrity.self, operation) else { return nil }
    let depth = UInt32(full ? BELAY_CHECK_FULL : BELAY_CHECK_QUICK)
    let findings: [IntegrityFinding] = try collectTable(Call(.integrity, "check"), operation) {
      table.check($0, $1, depth, $2, $3)
    }
    return findings.map { finding in
      var finding = finding
      finding.message = url.hide(in: finding.message)
      return finding
    }
  }
}
