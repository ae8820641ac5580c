import BelayBase
import BelayDatabase
import BelayDrivers

/// How a plan shows a file: its statements, what they write, and how much of it there is now.
extension SQLFilePart {
  func planLines(
    on connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> PartLines {
    guard !planned.isRecordedOnly else { return PartLines(title: "\(name): is recorded as applied, and not run") }
    let count = planned.statements.count
    return PartLines(
      title: "\(name): \(count) statement\(count == 1 ? "" : "s")",
      before: isOneCall ? [] : planned.opening.map(\.firstLine), details: try writes(connection, catalog, context))
  }

  private func writes(
    _ connection: Connection, _ catalog: Catalog, _ context: RunContext
  ) throws(BelayError) -> [String] {
    var order: [String] = []
    var actions: [String: WriteActions] = [:]
    var tables: [String: String] = [:]
    for write in planned.statements.flatMap(\.writes) {
      let key = "\(write.kind) \(write.schema.isEmpty ? "" : write.schema + ".")\(write.name)"
      if actions[key] == nil { order.append(key) }
      actions[key, default: []].formUnion(write.actions)
      if write.kind == "table" { tables[key] = connection.traits.quoted(schema: write.schema, name: write.name) }
    }
    var lines: [String] = []
    for key in order {
      var line = (actions[key] ?? []).phrase(key)
      if let quoted = tables[key], let rows = try rowsNow(quoted, key: key, connection, catalog, context) {
        line += " (\(rows) now)"
      }
      lines.append(line)
    }
    if planned.statements.contains(where: { $0.flags.contains(.unread) }) {
      lines.append("and whatever could not be analysed in advance")
    }
    return lines
  }

  /// A table with more rows is not counted: that takes the longer the larger it is, and with some engines nobody can
  /// commit meanwhile.
  private static let countedAtMost = 10_000

  private func rowsNow(
    _ quoted: String, key: String, _ connection: Connection, _ catalog: Catalog, _ context: RunContext
  ) throws(BelayError) -> String? {
    let table = catalog.tables.first { connection.traits.quoted(schema: $0.schema, name: $0.name) == quoted }
    guard let table else { return nil }
    let most = Self.countedAtMost
    let some = "SELECT count(*) FROM (SELECT 1 FROM \(quoted) LIMIT \(most + 1)) AS counted"
    var counted = try? connection.values(some, operation: context.stoppable())
    do {
      // Not every engine has LIMIT.
      if counted == nil {
        counted = try connection.values("SELECT count(*) FROM \(quoted)", operation: context.stoppable())
      }
    } catch {
      throw BelayError(error, doing: "cannot count the rows of \(key)", kind: .refused)
    }
    guard case .integer(let count)? = counted?.first?.first else { return nil }
    guard count == most + 1 else { return Counted.rows(count) }
    if let estimate = table.rowEstimate, estimate > most { return "about \(Counted.rows(estimate))" }
    return "more than \(Counted.rows(most))"
  }
}

extension WriteActions {
  private static let ofRows: [(WriteActions, String)] = [
    (.insert, "insert"), (.update, "update"), (.delete, "delete"),
  ]
  private static let ofObject: [(WriteActions, String)] = [(.create, "create"), (.alter, "alter"), (.drop, "drop")]

  /// "alter table orders", "insert, delete rows of table orders", "create, insert rows of table tags"
  fileprivate func phrase(_ object: String) -> String {
    let rows = Self.ofRows.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    let own = Self.ofObject.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    if rows.isEmpty { return "\(own) \(object)" }
    return own.isEmpty ? "\(rows) rows of \(object)" : "\(own) \(object) and \(rows) rows of it"
  }

  /// `insert, delete`
  package var words: String {
    (Self.ofObject + Self.ofRows).filter { contains($0.0) }.map(\.1).joined(separator: ", ")
  }
}
