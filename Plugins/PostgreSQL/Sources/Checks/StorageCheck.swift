import BelayDriverKit

/// Looks for damaged tables and indexes with the functions of the extension amcheck, if it is installed.
struct StorageCheck {
  let link: Link
  let operation: Operation
  /// Runs a body so that its failure leaves an open transaction usable.
  let keepingTransaction: (() throws(DriverFailure) -> Reply) throws(DriverFailure) -> Reply

  func findings() throws(DriverFailure) -> [IntegrityFinding] {
    let installed = try link.run(
      """
      SELECT pg_catalog.quote_ident(n.nspname), EXISTS (SELECT FROM pg_catalog.pg_proc p
          WHERE p.pronamespace = n.oid AND p.proname = 'verify_heapam')
      FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'amcheck'
      """, operation: operation)
    guard let schema = installed.rows.first?[0] else {
      operation.log(.info, "the extension amcheck is not installed: tables and indexes are not checked for damage")
      return []
    }
    var findings: [IntegrityFinding] = []
    if installed.rows.first?[1] == "t" { findings += try tables(schema) }
    return findings + (try indexes(schema))
  }

  private func tables(_ schema: String) throws(DriverFailure) -> [IntegrityFinding] {
    var findings: [IntegrityFinding] = []
    for table in try relations("c.relkind IN ('r', 'm', 't')") {
      let found = try checked(table) { () throws(DriverFailure) in
        try link.run(
          """
          SELECT 'block ' || v.blkno || coalesce(', item ' || v.offnum, ''), v.msg
          FROM \(schema).verify_heapam(\(table.id)::oid::regclass) v LIMIT 20
          """, operation: operation)
      }
      switch found {
      case .reply(let reply):
        findings += reply.rows.map {
          IntegrityFinding(check: "verify_heapam", object: table.name, identity: $0[0], message: $0[1] ?? "")
        }
      case .damage(let message):
        findings.append(IntegrityFinding(check: "verify_heapam", object: table.name, message: message))
      case .unknown: break
      }
    }
    return findings
  }

  private func indexes(_ schema: String) throws(DriverFailure) -> [IntegrityFinding] {
    var findings: [IntegrityFinding] = []
    let isBTree = """
      c.relkind = 'i' AND c.relam = (SELECT oid FROM pg_catalog.pg_am WHERE amname = 'btree')
        AND EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indexrelid = c.oid AND i.indisvalid AND i.indisready)
      """
    for index in try relations(isBTree) {
      let found = try checked(index) { () throws(DriverFailure) in
        try link.run("SELECT \(schema).bt_index_check(\(index.id)::oid::regclass, true)", operation: operation)
      }
      if case .damage(let message) = found {
        findings.append(IntegrityFinding(check: "bt_index_check", object: index.name, message: message))
      }
    }
    return findings
  }

  private enum Answer {
    case reply(Reply)
    case damage(String)
    case unknown
  }

  private func checked(
    _ relation: (id: String, name: String), _ body: () throws(DriverFailure) -> Reply
  ) throws(DriverFailure) -> Answer {
    do throws(DriverFailure) {
      return .reply(try keepingTransaction(body))
    } catch {
      if error.code == .corrupt || error.sqlState.hasPrefix("XX") || error.sqlState.hasPrefix("58") {
        return .damage(error.message)
      }
      // Dropped meanwhile, or not accessible to this role: nothing is known about it.
      guard ["42", "55", "0A"].contains(where: { error.sqlState.hasPrefix($0) }) else { throw error }
      operation.log(.warning, "\(relation.name) was not checked for damage: \(error.message)")
      return .unknown
    }
  }

  private func relations(_ condition: String) throws(DriverFailure) -> [(id: String, name: String)] {
    let reply = try link.run(
      """
      SELECT c.oid, n.nspname || '.' || c.relname FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE \(condition) AND (c.relpersistence <> 't' OR n.oid = pg_catalog.pg_my_temp_schema())
      ORDER BY 2
      """, operation: operation)
    return reply.rows.map { ($0[0] ?? "", $0[1] ?? "") }
  }
}
