import BelayABI
import BelayArchive
import BelayDrivers

extension Catalog {
  /// Without the objects that an archive of a part of its database has left out; all of it where that is nil.
  package func without(_ part: ScopeRecord?) -> Catalog {
    guard let part else { return self }
    let tables = self.tables(in: part).union(part.leftOutTables)
    let others = Set(part.leftOutObjects)
    return Catalog(
      objects: objects.filter { object in
        if others.contains("\(object.kind) \(object.label)") { return false }
        return object.ownTable.map { !tables.contains($0) } ?? true
      })
  }

  /// The tables with rows that such an archive has left out, shadow tables among them.
  package func tables(in part: ScopeRecord?) -> Set<TableName> {
    let leftOut = Set(part?.leftOutTables ?? [])
    return Set(tables.filter { leftOut.contains($0.ownerName) || leftOut.contains($0.tableName) }.map(\.tableName))
  }
}

extension DatabaseState {
  /// As `Catalog.without`, with the rows.
  package func without(_ part: ScopeRecord?) -> DatabaseState {
    guard let part else { return self }
    let leftOut = catalog.tables(in: part)
    return DatabaseState(catalog: catalog.without(part), tables: tables.filter { !leftOut.contains($0.key) })
  }

  /// What a database that holds a part of this one must hold. An engine lists the counters of all sequences in one place,
  /// those of what is left out among them; that each sequence of the part is there, the schemas tell.
  package func expected(of part: ScopeRecord?, in restored: DatabaseState) -> DatabaseState {
    guard part != nil else { return self }
    var expected = self
    // An engine makes a table of its own when the first table needs it, such as one with AUTOINCREMENT.
    let gone = Set(catalog.tables.filter { $0.flags.contains(.internal) }.map(\.tableName))
      .subtracting(restored.catalog.tables.map(\.tableName))
    // A role is listed where something of the database names it, and that may be left out.
    let there = Set(restored.catalog.objects.map(\.identity))
    expected.catalog = Catalog(
      objects: catalog.objects.filter { object in
        if object.kind == "role", !there.contains(object.identity) { return false }
        return object.ownTable.map { !gone.contains($0) } ?? true
      })
    for (table, state) in tables {
      if gone.contains(table) {
        expected.tables[table] = nil
        continue
      }
      guard let counters = state.counters, let found = restored.tables[table]?.counters else { continue }
      let there = Set(found.map(\.key))
      let kept = counters.filter { there.contains($0.key) }
      expected.tables[table] = TableState(rows: UInt64(kept.count), digest: state.digest, counters: kept)
    }
    return expected
  }
}
