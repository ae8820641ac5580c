import BelayBase
import Foundation

/// How a change would be undone: what is done, in which order, how long it takes, and what is lost. `rollback_plan.json` and
/// `rollback_plan.md` in the run's folder hold it before the change begins.
package struct RollbackPlan: Codable, Sendable, Equatable {
  package enum Criticality: String, Codable, Sendable {
    /// It only reads.
    case none
    /// It writes beside the database.
    case low
    /// It changes the database.
    case high
  }

  package struct Step: Codable, Sendable, Equatable {
    package var what: String
    package var criticality: Criticality
    /// As measured on this target; nil: not known.
    package var seconds: Double?

    package init(_ what: String, _ criticality: Criticality, seconds: Double? = nil) {
      self.what = what
      self.criticality = criticality
      self.seconds = seconds
    }
  }

  package struct Table: Codable, Sendable, Equatable {
    package var table: String
    /// In the backup; nil: it is not in it.
    package var rows: UInt64?
    /// After the change, as the rehearsal showed it, or as it is now; nil: it is not there then.
    package var changed: UInt64?

    package init(table: String, rows: UInt64?, changed: UInt64?) {
      self.table = table
      self.rows = rows
      self.changed = changed
    }
  }

  package var target: String
  package var archive: String
  package var location: String
  package var bytes: UInt64
  /// ISO 8601, UTC: what was written since is not in the archive.
  package var backedUpAt: String
  /// Done by belay itself if the change fails; empty: there is no change under way.
  package var automatic: [Step]
  /// Done by `command`.
  package var byCommand: [Step]
  package var command: String
  /// Those that are put back, as far as they are known.
  package var tables: [Table]
  package var lost: [String]

  package init(
    target: String, archive: String, location: String, bytes: UInt64, backedUpAt: String, automatic: [Step],
    byCommand: [Step], command: String, tables: [Table], lost: [String]
  ) {
    self.target = target
    self.archive = archive
    self.location = location
    self.bytes = bytes
    self.backedUpAt = backedUpAt
    self.automatic = automatic
    self.byCommand = byCommand
    self.command = command
    self.tables = tables
    self.lost = lost
  }
}

extension [RollbackPlan.Step] {
  /// nil: of one it is not known.
  package var seconds: Double? {
    var sum = 0.0
    for step in self {
      guard let seconds = step.seconds else { return nil }
      sum += seconds
    }
    return sum
  }

  fileprivate var rows: [[String]] {
    enumerated().map { index, step in
      ["\(index + 1)", step.what, step.criticality.rawValue, step.seconds.map(DurationText.about) ?? "not known"]
    }
  }
}

extension RollbackPlan {
  private static let header = ["", "step", "criticality", "time"]
  private static let mostTables = 500

  private var tableRows: [[String]] {
    tables.prefix(Self.mostTables).map { table in
      [table.table, table.rows.map(String.init) ?? "-", table.changed.map(String.init) ?? "-"]
    }
  }

  private var facts: [(label: String, value: String)] {
    [
      ("target", target), ("backup", "\(location), \(ByteCount.text(bytes)), made at \(backedUpAt)"),
      ("time", byCommand.seconds.map(DurationText.about) ?? "not known"),
    ]
  }

  /// For a terminal.
  package var text: [TextPart] {
    var parts: [TextPart] = facts.map { .line("\($0.label): \($0.value)") }
    if !automatic.isEmpty {
      parts += [.line(""), .line("if the change fails, belay itself:")]
      parts.append(.table(TextTable(header: Self.header, rows: automatic.rows)))
    }
    parts += [.line(""), .line("by `\(command)`:"), .table(TextTable(header: Self.header, rows: byCommand.rows))]
    if !tables.isEmpty {
      parts += [
        .line(""), .table(TextTable(header: ["table", "rows in the backup", "without the rollback"], rows: tableRows)),
      ]
    }
    if tables.count > Self.mostTables { parts.append(.line("and \(tables.count - Self.mostTables) more tables")) }
    return parts + [.line(""), .line("what is lost:")] + lost.map { .line("  \($0)") }
  }

  /// Markdown.
  package var markdown: String {
    var document = MarkdownDocument()
    document.heading(1, "Rollback plan of ", archive)
    for (label, value) in facts { document.item(label, value) }
    if !automatic.isEmpty {
      document.heading(2, "If the change fails")
      document.block(TextTable(header: Self.header, rows: automatic.rows).lines)
    }
    document.heading(2, "Later")
    document.command(command)
    document.block(TextTable(header: Self.header, rows: byCommand.rows).lines)
    if !tables.isEmpty {
      document.heading(2, "Tables")
      let header = ["table", "rows in the backup", "without the rollback"]
      document.block(TextTable(header: header, rows: tableRows).lines)
    }
    document.heading(2, "What is lost")
    document.block(lost)
    return document.text
  }

  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }
}
