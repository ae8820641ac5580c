import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
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
    func spell(_ began: (since: String, began: Double)?) -> ObservedTable.Spell? {
      began.map { ObservedTable.Spell(since: $0.since, milliseconds: Int(max(0, end - $0.began) * 1000)) }
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

extension ObservedTable {
  package var name: TableName { TableName(schema: schema, name: table) }

  static let manyRows: UInt64 = 100_000

  /// Worth a warning: others would wait, and for long.
  package var findings: [Finding] {
    guard let rows, rows >= Self.manyRows else { return [] }
    var found: [Finding] = []
    let spells = [("everything", everythingBlocked), ("writes", writesBlocked)]
    if let (what, spell) = spells.first(where: { ($0.1?.milliseconds ?? 0) > 1000 }), let spell {
      found.append(
        warning(
          "long-lock",
          "with \(rows) rows kept others from \(what == "writes" ? "writing" : "reading and writing") for "
            + "\(Self.seconds(spell.milliseconds)), from \(spell.since) on"))
    }
    if rewritten { found.append(warning("rewrite", "with \(rows) rows was written anew, under a lock")) }
    return found
  }

  private func warning(_ rule: String, _ message: String) -> Finding {
    Finding(
      .warning, source: "rehearsal", rule: rule, subject: "table \(name)", message: message,
      hint: "apply it when few are at work, or in smaller steps")
  }

  package static func lines(_ tables: [ObservedTable]) -> [String] {
    guard !tables.isEmpty else { return ["no table was locked or written that others could see"] }
    let rows = tables.map { table in
      [
        table.name.description, table.rows.map(String.init) ?? "?", table.lock ?? "-",
        table.everythingBlocked != nil ? "everything" : table.writesBlocked != nil ? "writes" : "nothing",
        table.spells, table.rewritten ? "yes" : "no", table.deltas,
      ]
    }
    return TextTable.lines(
      header: ["table", "rows", "lock", "keeps others from", "for", "rewritten", "own rows"], rows: rows)
  }

  private var spells: String {
    var parts: [String] = []
    if let spell = everythingBlocked { parts.append("\(Self.seconds(spell.milliseconds)) from \(spell.since)") }
    if let spell = writesBlocked, spell != everythingBlocked {
      let what = everythingBlocked == nil ? "" : "writes "
      parts.append("\(what)\(Self.seconds(spell.milliseconds)) from \(spell.since)")
    }
    return parts.isEmpty ? "-" : parts.joined(separator: ", ")
  }

  private var deltas: String {
    let parts = [("+", inserted), ("~", updated), ("-", deleted)].filter { $0.1 > 0 }.map { "\($0.0)\($0.1)" }
    return parts.isEmpty ? "none" : parts.joined(separator: " ")
  }

  package static func seconds(_ milliseconds: Int) -> String { String(format: "%.2f s", Double(milliseconds) / 1000) }
}
