import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// What a migration did to the rows of one table.
package struct RowChange: Sendable, Equatable {
  /// What the table holds by it.
  package var rows: UInt64
  package var lost: UInt64
  /// "grew from 3 to 4 rows"
  package var words: String
  var othersWroteToo = false
}

/// What a change did on a copy, where every row was compared.
package struct RehearsedTables: Sendable, Equatable {
  /// Tables that it wrote or made anew, and that held the same rows in the end.
  package let equal: Set<TableName>
  /// Tables whose columns it changed.
  package let altered: Set<TableName>

  package init(equal: Set<TableName>, altered: Set<TableName>) {
    self.equal = equal
    self.altered = altered
  }
}

/// Tells what a migration did to the rows from what others did, with what is known: two readings, and the engine's
/// evidence.
package struct RowChanges {
  package let before: DatabaseState
  package let after: DatabaseState
  let evidence: Evidence?
  let othersMayWrite: Bool
  /// What the same change did on a copy, where the states hold no rows that were read since the backup: the evidence alone
  /// decides. nil: they were read.
  let rehearsed: RehearsedTables?
  private let earlier: [TableName: CatalogTable]
  private let later: [TableName: CatalogTable]

  package enum Kind: Sendable, Equatable {
    case none
    /// The rows differ, and the migration did not do it.
    case byOthers
    case vanished
    case changed(RowChange)
  }

  init(
    before: DatabaseState, after: DatabaseState, evidence: Evidence?, othersMayWrite: Bool,
    rehearsed: RehearsedTables? = nil
  ) {
    self.before = before
    self.after = after
    self.evidence = evidence
    self.othersMayWrite = othersMayWrite
    self.rehearsed = rehearsed
    earlier = Dictionary(before.catalog.tables.map { ($0.tableName, $0) }, uniquingKeysWith: { first, _ in first })
    later = Dictionary(after.catalog.tables.map { ($0.tableName, $0) }, uniquingKeysWith: { first, _ in first })
  }

  package func change(of table: CatalogTable) -> Kind {
    let name = table.tableName
    guard let was = before.tables[name] else { return .none }
    guard let now = after.tables[name] else { return .vanished }
    if let rehearsed, let counts = evidence?[name] {
      return unread(table, counts, was: was.rows, now: now.rows, rehearsed)
    }
    guard now != was else { return .none }
    var exact = RowChange(
      rows: now.rows, lost: was.rows > now.rows ? was.rows - now.rows : 0,
      words: was.rows == now.rows
        ? "has rows with different content" : "grew from \(was.rows) to \(Counted.rows(now.rows))")
    guard let counts = evidence?[name], !counts.isRewritten else { return .changed(exact) }
    let deleted = UInt64(counts.deleted)
    guard othersMayWrite else {
      // Rows that went are not made up for by rows that came.
      exact.lost = max(exact.lost, deleted)
      return .changed(exact)
    }
    let hasOtherColumns = later[name].map { !$0.hasSameStoredColumns(as: table) } ?? false
    guard !counts.isNothing || hasOtherColumns else { return .byOthers }
    let sum = Int64(clamping: was.rows) + counts.inserted - counts.deleted
    let rows = UInt64(max(0, sum))
    return .changed(
      RowChange(rows: rows, lost: deleted, words: words(counts), othersWroteToo: rows != now.rows))
  }

  private func unread(
    _ table: CatalogTable, _ counts: Evidence.WriteCounts, was: UInt64, now: UInt64, _ rehearsed: RehearsedTables
  ) -> Kind {
    if now == was, rehearsed.equal.contains(table.tableName) { return .none }
    if counts.isRewritten {
      let words = now == was ? "was made anew" : "grew from \(was) to \(Counted.rows(now))"
      return .changed(RowChange(rows: now, lost: was > now ? was - now : 0, words: words))
    }
    guard !counts.isNothing || rehearsed.altered.contains(table.tableName) else { return .none }
    return .changed(RowChange(rows: now, lost: UInt64(counts.deleted), words: words(counts)))
  }

  private func words(_ counts: Evidence.WriteCounts) -> String {
    if counts.isNothing { return "has different columns" }
    let parts = [(counts.inserted, "inserted"), (counts.updated, "changed"), (counts.deleted, "deleted")]
      .filter { $0.0 > 0 }.map { "\(Counted.rows($0.0)) \($0.1)" }
    return "had " + parts.joined(separator: ", ")
  }

  /// The table is a part of another, whose parts together hold no fewer rows than before.
  func isKeptByFamily(_ table: CatalogTable) -> Bool {
    guard !table.object.parent.isEmpty, table.object.parent != table.name, !table.flags.contains(.shadow) else {
      return false
    }
    func parts(_ tables: [TableName: CatalogTable]) -> [TableName] {
      tables.values.filter { $0.schema == table.schema && $0.object.parent == table.object.parent }.map(\.tableName)
    }
    var (was, now): (UInt64, UInt64) = (0, 0)
    for name in Set(parts(earlier) + parts(later)) {
      let rows = before.tables[name]?.rows ?? 0
      was += rows
      if let part = earlier[name] {
        switch change(of: part) {
        case .none, .byOthers: now += rows
        case .vanished: break
        case .changed(let change): now += change.rows
        }
      } else {
        now += after.tables[name]?.rows ?? 0
      }
    }
    return now >= was
  }
}
