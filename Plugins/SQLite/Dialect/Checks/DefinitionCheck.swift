import BelayDriverKit
import CSQLite

/// Views and triggers that cannot work, because what they name is not there. SQLite notices only when one is used.
///
/// They are compiled in a clone of the schema, which holds no rows and has stand-ins for what this library lacks.
package struct DefinitionCheck {
  private let schema: Schema
  private let clone: SchemaClone

  /// - Returns: nil where there is neither a view nor a trigger.
  package init?(_ database: Database) throws(DriverFailure) {
    guard try database.integer("SELECT count(*) FROM sqlite_schema WHERE type IN ('view', 'trigger')") > 0 else {
      return nil
    }
    schema = try Schema(of: database)
    clone = try SchemaClone(of: database)
  }

  package func findings() throws(DriverFailure) -> [IntegrityFinding] {
    var findings: [IntegrityFinding] = []
    // What the clone does not have, this library does not understand.
    for view in schema.entries where view.type == "view" {
      guard try clone.has("view", view.name) else { continue }
      if let reason = reason("SELECT * FROM main.\(SQLQuote.name(view.name))", for: view.sql) {
        findings.append(
          IntegrityFinding(
            check: "definition", object: view.name, message: "this view cannot be read: \(reason)"))
      }
    }
    let triggers = Dictionary(grouping: schema.entries.filter { $0.type == "trigger" }, by: { $0.table.lowercased() })
    for (_, all) in triggers.sorted(by: { $0.key < $1.key }) {
      guard let first = all.first, let reason = reason(ofTriggersOn: first.table, all.map(\.sql).joined()) else {
        continue
      }
      let names = all.map(\.name).joined(separator: ", ")
      findings.append(
        IntegrityFinding(
          check: "definition", object: all.count == 1 ? first.name : first.table,
          message: all.count == 1
            ? "this trigger cannot run: \(reason)"
            : "one of its triggers (\(names)) cannot run: \(reason)"))
    }
    return findings
  }

  /// What a write of each kind to the table fails with, that it does not fail with without triggers.
  private func reason(ofTriggersOn table: String, _ sql: String) -> String? {
    let name = "main.\(SQLQuote.name(table))"
    var columns = schema.tables[table]?.columns.filter { !$0.isGenerated }.map(\.name) ?? []
    if columns.isEmpty { columns = (try? clone.columns(of: table)) ?? [] }
    let set = columns.map { "\(SQLQuote.name($0))=\(SQLQuote.name($0))" }.joined(separator: ", ")
    for statement in [
      "INSERT INTO \(name) DEFAULT VALUES", "DELETE FROM \(name)", "UPDATE \(name) SET \(set)",
    ] where !(set.isEmpty && statement.hasPrefix("UPDATE")) {
      clone.setTriggers(false)
      let before = failure(statement)
      clone.setTriggers(true)
      // A view takes the writes for which it has a trigger, and no others.
      if let found = failure(statement), before == nil || found.message != before?.message,
        !found.message.contains("because it is a view")
      {
        if let reason = understood(found, sql) { return reason }
      }
    }
    return nil
  }

  private func reason(_ statement: String, for sql: String) -> String? {
    failure(statement).flatMap { understood($0, sql) }
  }

  /// nil: it may work where the application runs.
  private func understood(_ failure: DriverFailure, _ sql: String) -> String? {
    guard MissingPart(failure) == nil else { return nil }
    // SQLite reports a missing table-valued function of an extension as a missing table.
    if let range = failure.message.firstRange(of: "no such table: ") {
      let name = failure.message[range.upperBound...].split(separator: ".").last.map(String.init) ?? ""
      if sql.replacing(" ", with: "").lowercased().contains(name.lowercased() + "(") { return nil }
    }
    return failure.message
  }

  private func failure(_ statement: String) -> DriverFailure? {
    do throws(DriverFailure) {
      _ = try clone.database.prepare(statement)
      return nil
    } catch {
      return error
    }
  }
}
