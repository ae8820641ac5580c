import BelayABI
import CBelayDriver

extension Connection {
  /// What the engine itself knows to stand in the way of a run; nil where the driver cannot tell.
  package func preflight(_ needs: PreflightNeeds, operation: Operation) throws(DriverError) -> [PreflightFinding]? {
    guard let table = try table(belay_preflight.self, operation) else { return nil }
    let call = Call(.preflight, "check")
    let rows = try collectRows(call, operation) { table.check($0, $1, needs.rawValue, $2, $3) }
    return try rows.map { row throws(DriverError) in
      guard row.count == 5, let severity = row[0].text.flatMap(LintFinding.Severity.init(rawValue:)),
        let rule = row[1].text, let subject = row[2].text, let message = row[3].text
      else { throw call.defect(of: driver, "its rows are not as agreed") }
      return PreflightFinding(severity: severity, rule: rule, subject: subject, message: message, hint: row[4].text)
    }
  }

  /// What this connection's open transaction holds and has done so far, by table; nil where that cannot be known.
  package func footprint(operation: Operation) throws(DriverError) -> [TableFootprint]? {
    guard let table = try table(belay_footprint.self, operation) else { return nil }
    let call = Call(.footprint, "read")
    let rows = try collectRows(call, operation) { table.read($0, $1, $2, $3) }
    return try rows.map { row throws(DriverError) in
      guard row.count == 8, let schema = row[0].text, let name = row[1].text,
        let blocks = row[3].text.flatMap(TableFootprint.Blocked.init(rawValue:)), let storage = row[4].text,
        case .integer(let inserted) = row[5], case .integer(let updated) = row[6], case .integer(let deleted) = row[7]
      else { throw call.defect(of: driver, "its rows are not as agreed") }
      return TableFootprint(
        schema: schema, table: name, lock: row[2].text, blocks: blocks, storage: storage, inserted: inserted,
        updated: updated, deleted: deleted)
    }
  }
}
