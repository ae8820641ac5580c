import BelayArchive
import BelayBase
import BelayDatabase
import BelayDifference
import BelayDrivers
import BelayStore
import CBelayDriver

/// Tables that were made anew are compared with the backup, row by row: their number tells nothing of what is in them.
extension ChangeApplication {
  /// In the rehearsal only, where nobody waits. Of tables that an earlier part has written there is nothing to compare with.
  func rebuiltRows(
    from before: DatabaseState, to after: DatabaseState, intent: Intent, on connection: Connection
  ) throws(BelayError) -> [TableName: RebuiltRows] {
    guard let backup, let known = knownState, !isOnTarget else { return [:] }
    var found: [TableName: RebuiltRows] = [:]
    for table in before.catalog.tables where !ownTables.contains(table.tableName) {
      let name = table.tableName
      guard let was = before.tables[name], was == known.tables[name], was.rows > 0, was != after.tables[name],
        let rebuild = Rebuild(table, before: before.catalog, after: after.catalog, intent: intent)
      else { continue }
      if let rows = try compare(rebuild, with: backup, on: connection) { found[name] = rows }
    }
    return found
  }

  /// On the copy; and on the target, where the table still held what was backed up.
  /// - Returns: nil: there is nothing to compare with.
  func comparedRows(
    _ rebuild: Rebuild, before: DatabaseState, on connection: Connection
  ) throws(BelayError) -> RebuiltRows? {
    let name = rebuild.before.tableName
    guard let backup, let known = knownState ?? backedUp, before.tables[name] == known.tables[name] else { return nil }
    return try compare(rebuild, with: backup, on: connection)
  }

  private func compare(
    _ rebuild: Rebuild, with backup: ArchiveReader, on connection: Connection
  ) throws(BelayError) -> RebuiltRows? {
    let name = rebuild.before.tableName
    guard let member = backup.manifest.member(.csv, table: name) else {
      context.log(
        .notice, "the rows of \(name) are counted, and not compared with those before: the backup has no CSV")
      return nil
    }
    do {
      return try compare(rebuild, with: member.name, of: backup, on: connection)
    } catch let error as SpillError {
      throw BelayError(
        .failed, "cannot compare table \(name) with the backup",
        hint: error.isDiskFull ? "free some space there, or choose another folder with --store" : nil,
        causes: [error.description])
    } catch {
      throw BelayError(any: error, doing: "cannot compare table \(name) with the backup", kind: .failed)
    }
  }

  private func compare(
    _ rebuild: Rebuild, with member: String, of backup: ArchiveReader, on connection: Connection
  ) throws -> RebuiltRows {
    let folder = context.store.runs.root
    let (first, second) = (RowSorter(folder: folder), RowSorter(folder: folder))
    try backup.eachBatch(of: member) { batch in
      try context.checkCancelled()
      try rebuild.shapes.0.eachRecord(of: batch) { try first.add($0) }
    }
    let what = "comparing \(rebuild.after.tableName) with the backup"
    try connection.read(rebuild.after, operation: context.stoppable(what)) { batch in
      try rebuild.shapes.1.eachRecord(of: batch) { try second.add($0) }
    }
    var rows = RebuiltRows()
    _ = try RowCounts(of: try first.sorted(), and: try second.sorted()) { difference in
      switch difference {
      case .onlyFirst(let row):
        rows.lost += 1
        if rows.example == nil { rows.example = rebuild.words(for: row) }
      case .different(let one, let other):
        rows.changed += 1
        // Which columns they are is seen soon.
        if rows.changed <= 1000 { rows.columns.formUnion(rebuild.differing(one, other)) }
      case .onlySecond: break
      }
    }
    return rows
  }
}

extension Rebuild {
  /// "id 5", or nothing where the table has no key.
  fileprivate func words(for row: RowRecord) -> String? {
    guard !key.isEmpty else { return nil }
    return row.withBatch(columns: columns.count) { batch in
      let values = batch.values.first ?? []
      return zip(columns, values).filter { key.contains($0.0) }.map { "\($0.0) \($0.1.asText)" }
        .joined(separator: ", ")
    }
  }

  fileprivate func differing(_ one: RowRecord, _ other: RowRecord) -> [String] {
    func values(_ row: RowRecord) -> [String] {
      row.withBatch(columns: columns.count) { batch in (batch.values.first ?? []).map { "\($0)" } }
    }
    return zip(columns, zip(values(one), values(other))).filter { $0.1.0 != $0.1.1 }.map(\.0)
  }
}
