import BelayDriverKit
import CPostgreSQL

/// Reads every object of a database in a number of queries that does not depend on how many there are.
struct CatalogReader {
  let link: Link
  let operation: Operation
  /// The catalog is read more than once on this connection: the server keeps the plans of the queries.
  let again: Bool
  /// As libpq gives it: 150018.
  let version: Int

  init(_ link: Link, again: Bool, _ operation: Operation) {
    self.link = link
    self.again = again
    self.operation = operation
    version = Int(PQserverVersion(link.handle))
  }

  /// Has the server plan what `objects` asks, so that it takes a fraction of its time later, when others may wait for it.
  func plan() throws(DriverFailure) {
    let seesAll = try isTrue(ReplicationQueries.seesAll)
    let all = Addresses.queries(version) + queries(seesAll).map(\.sql) + [ColumnOrder.heritage]
    for sql in all { try link.planPrepared(sql, operation: operation) }
  }

  /// Names must come out qualified: to be called within `Link.withCanonicalText`.
  func objects() throws(DriverFailure) -> [SchemaObject] {
    if again { try link.checkPrepared(operation) }
    let addresses = try Addresses(version: version) { (sql) throws(DriverFailure) in try run(sql) }
    var order = CatalogOrder()
    var columns: [CatalogRow.Address: [CatalogRow]] = [:]
    let seesAll = try isTrue(ReplicationQueries.seesAll)
    for query in queries(seesAll) {
      try operation.check()
      for row in try run(query.sql).rows {
        guard let found = Self.kept(CatalogRow(row), addresses) else { continue }
        if found.object.kind == "column", let table = found.relation {
          columns[table, default: []].append(found)
        } else {
          order.add(found)
        }
      }
    }
    for table in try internalTables(order) { order.add(table) }
    let places = ColumnOrder(columns, try run(ColumnOrder.heritage))
    return order.objects(addresses, columns: places.ordered(), operation)
  }

  private func queries(_ seesAll: Bool) -> [ObjectQuery] {
    ClusterQueries.all + SchemaQueries.all + TypeQueries.all(version) + FunctionQueries.all(version)
      + OperatorQueries.all + TextQueries.all(version) + ForeignQueries.all + TableQueries.all(version)
      + SequenceQueries.all + ViewQueries.all(version) + ConstraintQueries.all + TriggerQueries.all
      + ReplicationQueries.all(version, seesAll: seesAll) + PrivilegeQueries.all(version)
  }

  /// Members of extensions come with the extension. A member table that holds the user's rows is kept for its rows.
  private static func kept(_ row: CatalogRow, _ addresses: Addresses) -> CatalogRow? {
    if row.object.kind == "acl", row.object.ddl.isEmpty { return nil }
    let isMember = addresses.members.contains(row.address) || row.relation.map(addresses.members.contains) == true
    guard isMember else { return row.prepared() }
    guard let relation = row.relation, addresses.configurations.contains(relation.oid),
      ["table", "column"].contains(row.object.kind)
    else { return nil }
    return row.withoutStatements()
  }

  /// Sequences' values, and large objects' content where it can be read.
  private func internalTables(_ order: CatalogOrder) throws(DriverFailure) -> [ServerTable] {
    var tables: [ServerTable] = []
    if order.has("sequence") { tables.append(.sequenceValues) }
    if order.has("large_object"), try isTrue("has_table_privilege('pg_catalog.pg_largeobject', 'SELECT')") {
      tables.append(.largeObjects)
    }
    return tables
  }

  private func isTrue(_ condition: String) throws(DriverFailure) -> Bool {
    try run("SELECT \(condition)").rows.first?.first == "t"
  }

  private func run(_ sql: String) throws(DriverFailure) -> Reply {
    try again ? link.runPrepared(sql, operation: operation) : link.run(sql, operation: operation)
  }
}
