import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// On the target nothing is read whose time grows with the database, for others wait meanwhile. What the transaction did is
/// told by the engine's footprint, and has been held against the rows in the rehearsal.
extension ChangeApplication {
  /// The step that runs is judged by the footprint alone.
  var isUnread: Bool { isOnTarget && isRehearsed && isJudgedByFootprint && backedUp != nil }

  /// The schema as it is, and the rows as they are known to be: as many as before, and those that the transaction has written.
  /// Only tables that the change makes, or makes anew, are counted, where the change itself reads all of them too. belay's own
  /// tables are small, and are read. What the engine keeps by itself is not judged, and reading it may lock what others need,
  /// as the values of PostgreSQL's sequences do. Tables that others have made since the backup are theirs.
  /// - Parameter evidence: what was done since `known`; nil: nothing yet.
  func unreadState(
    from known: DatabaseState, evidence: Evidence?, what: String, on connection: Connection
  ) throws(BelayError) -> DatabaseState {
    let counted = rehearsal?.rewritten ?? []
    return try StateReader(context: context, what: what).read(connection) { (catalog) throws(BelayError) in
      var tables = KnownTables()
      for table in catalog.tables where table.hasRows && !self.ownTables.contains(table.tableName) {
        let name = table.tableName
        let was = known.tables[name]
        let written = evidence?[name]
        if let was, table.flags.contains(.internal) {
          tables.states[name] = was
        } else if let was, written.map({ !$0.isRewritten }) ?? !counted.contains(name) {
          tables.states[name] = written.map(was.adding) ?? was
        } else if was != nil || counted.contains(name) {
          tables.states[name] = TableState(
            rows: try self.countRows(of: table, on: connection), digest: was?.digest ?? "")
        } else {
          tables.leftOut.insert(name)
        }
      }
      return tables
    }
  }

  private func countRows(of table: CatalogTable, on connection: Connection) throws(BelayError) -> UInt64 {
    try count(
      connection.traits.quoted(schema: table.schema, name: table.name), named: table.tableName.description,
      on: connection)
  }
}

extension TableState {
  /// What it holds with what a transaction has written. The digest stays that of before.
  fileprivate func adding(_ counts: Evidence.WriteCounts) -> TableState {
    var state = self
    state.rows = UInt64(max(0, Int64(clamping: rows) + counts.inserted - counts.deleted))
    return state
  }
}

extension ChangeApplication.Outcome {
  var rehearsedTables: RehearsedTables {
    let began = before?.catalog.tables ?? []
    let earlier = Dictionary(began.map { ($0.tableName, $0) }, uniquingKeysWith: { first, _ in first })
    let altered = catalogs.flatMap(\.tables).filter { table in
      earlier[table.tableName].map { !table.hasSameStoredColumns(as: $0) } ?? false
    }
    return RehearsedTables(
      equal: written.subtracting(record.deltas.map(\.table)), altered: Set(altered.map(\.tableName)))
  }
}
