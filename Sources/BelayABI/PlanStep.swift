import BelayRows

/// One step of a query's plan.
public struct PlanStep: Sendable, Hashable {
  /// How deep it is nested, from 0.
  public var depth: Int
  /// The engine's own description.
  public var detail: String
  /// The table that is read; nil if it is not a table.
  public var table: String?
  /// The whole table is read.
  public var isFullScan: Bool
  /// How many rows the engine expects; nil if it does not say.
  public var rows: Int?

  /// A step as the engine describes it.
  public init(depth: Int, detail: String, table: String? = nil, isFullScan: Bool = false, rows: Int? = nil) {
    self.depth = depth
    self.detail = detail
    self.table = table
    self.isFullScan = isFullScan
    self.rows = rows
  }
}

extension PlanStep: TableRow {
  package static let columns = ["depth", "detail", "table", "full_scan", "rows"]

  package var row: [Value] {
    [
      .integer(Int64(depth)), .text(detail), Value(table), .bool(isFullScan),
      rows.map { .integer(Int64($0)) } ?? .null,
    ]
  }

  package init?(row: [Value]) {
    guard row.count == Self.columns.count, let depth = row[0].integer, let detail = row[1].text,
      let fullScan = row[3].integer
    else { return nil }
    self.init(
      depth: Int(depth), detail: detail, table: row[2].text, isFullScan: fullScan != 0,
      rows: row[4].integer.map { Int($0) })
  }
}
