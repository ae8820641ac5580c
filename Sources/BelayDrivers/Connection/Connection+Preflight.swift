import BelayABI
import BelayText
import CBelayDriver

extension Connection {
  /// Problems that the engine knows of before a run; nil if the driver does not support this.
  package func preflight(_ needs: PreflightNeeds, operation: Operation) throws(DriverError) -> [PreflightFinding]? {
    guard let table = try table(belay_preflight.self, operation) else { return nil }
    let findings: [PreflightFinding] = try collectTable(Call(.preflight, "check"), operation) {
      table.check($0, $1, needs.rawValue, $2, $3)
    }
    return findings.map { finding in
      var finding = finding
      finding.message = url.hide(in: finding.message)
      finding.hint = finding.hint.map(url.hide)
      return finding
    }
  }

  /// The locks and the changes of this connection's open transaction, by table; nil if they are not known.
  package func footprint(operation: Operation) throws(DriverError) -> [TableFootprint]? {
    guard let table = try table(belay_footprint.self, operation) else { return nil }
    return try collectTable(Call(.footprint, "read"), operation) { table.read($0, $1, $2, $3) }
  }

  /// The engine's own check of what the open transaction has written, as far as the engine does not guarantee it itself;
  /// nil if the driver does not offer that.
  package func checkFootprint(operation: Operation) throws(DriverError) -> [IntegrityFinding]? {
    guard let table = try table(belay_footprint.self, operation), let check = table.check else { return nil }
    return try collectTable(Call(.footprint, "check"), operation) { check($0, $1, $2, $3) }
  }
}
