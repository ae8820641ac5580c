import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore

/// The plan as a person reads it: files, statements, what they write and how much of it there is now.
package struct PlanPicture {
  package let plan: MigrationPlan
  package let catalog: Catalog
  package let connection: Connection
  package let context: RunContext

  package init(plan: MigrationPlan, catalog: Catalog, connection: Connection, context: RunContext) {
    self.plan = plan
    self.catalog = catalog
    self.connection = connection
    self.context = context
  }

  package func lines() throws(BelayError) -> [String] {
    var lines: [String] = []
    for (index, group) in plan.groups.enumerated() {
      let how =
        group.transactional
        ? "one transaction"
        : group.isOneCall ? "one call, with its row in the ledger" : "no transaction, statement by statement"
      lines.append("\(index + 1). \(how)")
      for statement in group.opening { lines.append("   before BEGIN: \(statement.firstLine)") }
      for file in group.files {
        lines.append("   \(file.file.name): \(file.statements.count) statement\(file.statements.count == 1 ? "" : "s")")
        for line in try writes(of: file) { lines.append("     \(line)") }
      }
    }
    lines.append("way back: \(wayBack)")
    return lines
  }

  package var wayBack: String {
    if plan.isOneTransaction { return "ROLLBACK of the one transaction" }
    let backup =
      connection.canPromote
      ? "the verified backup, restored beside the target and put in its place"
      : "the verified backup, restored in place"
    guard connection.hasRewind else { return backup }
    return "\(Rung.rewind.words), to a bookmark that is taken before the first statement; else \(backup)"
  }

  private func writes(of file: PlannedFile) throws(BelayError) -> [String] {
    var order: [String] = []
    var actions: [String: WriteActions] = [:]
    var tables: [String: String] = [:]
    for write in file.writes {
      let key = "\(write.kind) \(write.schema.isEmpty ? "" : write.schema + ".")\(write.name)"
      if actions[key] == nil { order.append(key) }
      actions[key, default: []].formUnion(write.actions)
      if write.kind == "table" { tables[key] = connection.traits.quoted(schema: write.schema, name: write.name) }
    }
    var lines: [String] = []
    for key in order {
      var line = "\((actions[key] ?? []).words) \(key)"
      if let quoted = tables[key], let rows = try rowsNow(quoted, key: key) { line += " (\(rows) rows now)" }
      lines.append(line)
    }
    if file.statements.contains(where: { $0.flags.contains(.unread) }) {
      lines.append("and what could not be read ahead")
    }
    return lines
  }

  private func rowsNow(_ quoted: String, key: String) throws(BelayError) -> Int64? {
    guard catalog.tables.contains(where: { connection.traits.quoted(schema: $0.schema, name: $0.name) == quoted })
    else { return nil }
    do {
      let values = try connection.values("SELECT count(*) FROM \(quoted)", operation: context.stoppable())
      guard case .integer(let count)? = values.first?.first else { return nil }
      return count
    } catch {
      throw BelayError(error, doing: "cannot count the rows of \(key)", kind: .refused)
    }
  }
}

extension WriteActions {
  /// `insert, delete`
  package var words: String {
    let names: [(WriteActions, String)] = [
      (.create, "create"), (.alter, "alter"), (.drop, "drop"), (.insert, "insert"), (.update, "update"),
      (.delete, "delete"),
    ]
    return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
  }
}
