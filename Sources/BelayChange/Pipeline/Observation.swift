import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import Foundation

/// Follows a transaction from statement to statement, in the time of the statements: looking takes none.
package struct Observation: Sendable {
  private let first: [TableName: TableFootprint]
  private var tables: [TableName: ObservedTable] = [:]
  private var writes: [TableName: (since: String, began: Double)] = [:]
  private var everything: [TableName: (since: String, began: Double)] = [:]

  init(_ footprints: [TableFootprint]) {
    first = Dictionary(footprints.map { ($0.tableName, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// - Parameters:
  ///   - place: the first statement since the last look: whatever is new may be its doing.
  ///   - began: when that statement began, in seconds.
  package mutating func look(_ footprints: [TableFootprint], place: String, began: Double) {
    for now in footprints {
      let name = now.tableName
      guard let was = first[name] else { continue }
      var seen = tables[name] ?? ObservedTable(schema: now.schema, table: now.table)
      // A table made anew under its old name has a new count.
      seen.inserted = max(seen.inserted, now.inserted - was.inserted)
      seen.updated = max(seen.updated, now.updated - was.updated)
      seen.deleted = max(seen.deleted, now.deleted - was.deleted)
      if now.blocks == .nothing {
        if seen.lock == nil, now.lock != was.lock { seen.lock = now.lock }
      } else {
        seen.lock = now.lock ?? seen.lock
        if writes[name] == nil { writes[name] = (place, began) }
        if now.blocks == .everything, everything[name] == nil { everything[name] = (place, began) }
        if now.storage != was.storage { seen.rewritten = true }
      }
      if seen != ObservedTable(schema: now.schema, table: now.table) || writes[name] != nil { tables[name] = seen }
    }
  }

  /// What was seen, ordered by name.
  package func tables(endedAt end: Double, rows: [TableName: UInt64]) -> [ObservedTable] {
    func spell(_ began: (since: String, began: Double)?) -> ObservedTable.BlockedTime? {
      began.map { ObservedTable.BlockedTime(since: $0.since, milliseconds: Int(max(0, end - $0.began) * 1000)) }
    }
    return tables.values.sorted { $0.name < $1.name }.map { table in
      var table = table
      table.rows = rows[table.name]
      table.writesBlocked = spell(writes[table.name])
      table.everythingBlocked = spell(everything[table.name])
      return table
    }
  }
}
