import BelayArchive
import BelayBase
import Foundation

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
          "with \(Counted.rows(rows)) blocked others from \(what == "writes" ? "writing" : "reading and writing") for "
            + "\(Self.seconds(spell.milliseconds)), from \(spell.since) on"))
    }
    if rewritten { found.append(warning("rewrite", "with \(Counted.rows(rows)) was rewritten under a lock")) }
    return found
  }

  private func warning(_ rule: String, _ message: String) -> Finding {
    Finding(
      .warning, source: "rehearsal", rule: rule, subject: "table \(name)", message: message,
      hint: "apply it at a time with little activity, or in smaller steps")
  }

  package static func text(_ tables: [ObservedTable]) -> TextPart {
    guard !tables.isEmpty else { return .line("no table that others can see was locked or written") }
    let rows = tables.map { table in
      [
        table.name.description, table.rows.map(String.init) ?? "?", table.lock ?? "-",
        table.everythingBlocked != nil ? "everything" : table.writesBlocked != nil ? "writes" : "nothing",
        table.spells, table.rewritten ? "yes" : "no", table.deltas,
      ]
    }
    return .table(
      TextTable(header: ["table", "rows", "lock", "blocks", "for", "rewritten", "rows written"], rows: rows))
  }

  var waits: [String] {
    [(everythingBlocked, "read or write"), (writesBlocked == everythingBlocked ? nil : writesBlocked, "write to")]
      .compactMap { spell, what in
        spell.map { "others could not \(what) \(name) for \(Self.seconds($0.milliseconds)), from \($0.since) on" }
      }
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
