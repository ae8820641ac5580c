import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// What a migration takes that no statement brings back: rows, and values of columns. The archive of its run has them.
struct WayDownLosses {
  struct Loss: Equatable {
    /// "the rows of posts"
    let subject: String
    let notes: [String]
  }

  /// The file that makes the change.
  let migration: String
  let statements: [Statement]
  let before: Catalog
  let after: Catalog
  /// Of the run that has applied it; nil: none has, or it is not in the store.
  let archive: String?
  /// As a person types it.
  let target: String
  let ownTables: OwnTables

  /// Of an object that is missing after it, or has been changed.
  func of(_ object: SchemaObject) -> Loss? {
    switch object.kind {
    case "table" where !object.flags.contains(.noRows):
      let table = TableName(schema: object.schema, name: object.name)
      return loss("the rows of \(table)", "belay extract \(id) --table \(table.description.shellWord) --as sql")
    case "column" where !object.flags.contains(.generated):
      let table = TableName(schema: object.schema, name: object.parent)
      guard !after.tables.contains(where: { $0.tableName == table && $0.columns.contains { $0.name == object.name } })
      else { return nil }
      var found = loss(
        "the values of \(object.label)", "belay extract \(id) --table \(table.description.shellWord) --as csv")
      if object.flags.contains(.notNull), !object.definition.contains("DEFAULT") {
        found = Loss(
          subject: found.subject,
          notes: found.notes + ["Rows that are there have no value for it, and the engine refuses NOT NULL then."])
      }
      return found
    default: return nil
    }
  }

  /// Of tables that are there before and after it: what its statements have done to their rows.
  var ofRows: [Loss] {
    let kept = Set(before.tables.map(\.tableName)).intersection(after.tables.map(\.tableName))
    var actions: [(table: TableName, actions: WriteActions)] = []
    for write in statements.flatMap(\.writes) where write.kind == "table" {
      let table = TableName(schema: write.schema, name: write.name)
      guard let name = kept.first(where: { $0 == table || (write.schema.isEmpty && $0.name == table.name) }),
        !ownTables.contains(name)
      else { continue }
      if let index = actions.firstIndex(where: { $0.table == name }) {
        actions[index].actions.formUnion(write.actions)
      } else {
        actions.append((name, write.actions))
      }
    }
    return actions.flatMap { table, actions -> [Loss] in
      var found: [Loss] = []
      let command = "belay diff \(id) \(target) --table \(table.description.shellWord)"
      if actions.contains(.delete) {
        found.append(loss("the rows that \(migration) deletes from \(table)", command + " --as sql"))
      }
      if actions.contains(.update) {
        found.append(loss("the values that \(migration) changes in \(table)", command + " --rows 20"))
      }
      if actions.contains(.insert) {
        found.append(
          Loss(
            subject: "the rows that \(migration) adds to \(table)",
            notes: ["Not undone: the rows that \(migration) adds to \(table). Delete them here, if they are to go."]))
      }
      return found
    }
  }

  private var id: String { archive ?? "ID" }

  private func loss(_ subject: String, _ command: String) -> Loss {
    let which = archive == nil ? ", ID being the archive that belay makes before it applies \(migration)" : ""
    return Loss(subject: subject, notes: ["Not undone: \(subject). The archive has them\(which):", "  \(command)"])
  }
}
