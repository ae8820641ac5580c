import BelayDriverKit

/// The schema before an ALTER TABLE. Comparing it with the schema afterwards shows what the statement does.
package struct AlteredTable {
  private let name: String
  private let objects: [SchemaClone.ObjectKey: String]
  private let columns: [String]

  package init(_ name: String, _ clone: SchemaClone) throws(DriverFailure) {
    self.name = name
    objects = try clone.objects()
    columns = try clone.columns(of: name)
  }

  package func changes(_ clone: SchemaClone) throws(DriverFailure) -> [ScriptWrite] {
    let after = try clone.objects()
    var writes: [ScriptWrite] = []
    for (key, sql) in objects {
      if let now = after[key] {
        if now != sql { writes.append(write(key, now, .alter)) }
      } else {
        writes.append(write(key, sql, [.drop, .alter]))
      }
    }
    for (key, sql) in after where objects[key] == nil { writes.append(write(key, sql, [.create, .alter])) }
    writes.sort { ($0.kind, $0.name, $0.parent) < ($1.kind, $1.name, $1.parent) }
    return writes + changedColumns(try clone.columns(of: name))
  }

  /// The columns of a renamed table are not reported one by one.
  private func changedColumns(_ after: [String]) -> [ScriptWrite] {
    if after.isEmpty { return [] }
    let gone = columns.filter { !after.contains($0) }
    let new = after.filter { !columns.contains($0) }
    let isRename = gone.count == 1 && new.count == 1
    return gone.map {
      ScriptWrite(kind: "column", name: $0, parent: name, actions: isRename ? [.drop, .alter] : .drop)
    }
      + new.map {
        ScriptWrite(kind: "column", name: $0, parent: name, actions: isRename ? [.create, .alter] : .create)
      }
  }

  private func write(
    _ key: SchemaClone.ObjectKey, _ sql: String, _ actions: WriteActions
  ) -> ScriptWrite {
    let isVirtual = key.type == "table" && sql.uppercased().hasPrefix("CREATE VIRTUAL")
    return ScriptWrite(
      kind: isVirtual ? "virtual_table" : key.type, schema: key.isTemporary ? "temp" : "", name: key.name,
      parent: key.type == "index" || key.type == "trigger" ? key.table : "", actions: actions)
  }
}
