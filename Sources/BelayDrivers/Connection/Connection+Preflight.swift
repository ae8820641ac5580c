import BelayABI
import CBelayDriver

extension Connection {
  /// What the engine itself knows to stand in the way of a run; nil where the driver cannot tell.
  package func preflight(_ needs: PreflightNeeds, operation: Operation) throws(DriverError) -> [PreflightFinding]? {
    guard let table = try table(belay_preflight.self, operation) else { return nil }
    return try collectTable(Call(.preflight, "check"), operation) { table.check($0, $1, needs.rawValue, $2, $3) }
  }

  /// What this connection's open transaction holds and has done so far, by table; nil where that cannot be known.
  package func footprint(operation: Operation) throws(DriverError) -> [TableFootprint]? {
    guard let table = try table(belay_footprint.self, operation) else { return nil }
    return try collectTable(Call(.footprint, "read"), operation) { table.read($0, $1, $2, $3) }
  }
}
