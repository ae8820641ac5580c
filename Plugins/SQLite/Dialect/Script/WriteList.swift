import BelayDriverKit
import CSQLite

/// Collects what a statement writes: one entry per object with all its actions.
package struct WriteList {
  package private(set) var list: [ScriptWrite] = []
  private let clone: SchemaClone

  package init(_ clone: SchemaClone) { self.clone = clone }

  package mutating func add(_ access: WriteRecorder.Access, _ piece: ScriptReader.Piece) throws(DriverFailure) {
    switch access.action {
    case SQLITE_INSERT:
      // REPLACE removes conflicting rows.
      let replaces = piece.keyword(0) == "REPLACE" || piece.keyword(2) == "REPLACE"
      try addRows(access, replaces ? [.insert, .delete] : .insert, piece)
    case SQLITE_UPDATE:
      try addRows(access, piece.keyword(2) == "REPLACE" ? [.update, .delete] : .update, piece)
    case SQLITE_DELETE: try addRows(access, .delete, piece)
    case SQLITE_CREATE_TABLE, SQLITE_CREATE_TEMP_TABLE, SQLITE_CREATE_VTABLE:
      try addCreatedTable(access, piece)
    case SQLITE_DROP_TABLE, SQLITE_DROP_TEMP_TABLE, SQLITE_DROP_VTABLE:
      try addTable(access.first, access.schema, .drop)
    case SQLITE_CREATE_VIEW, SQLITE_CREATE_TEMP_VIEW:
      if try clone.form(of: access.first, temporary: access.schema == "temp") == nil {
        add("view", access, actions: .create)
      }
    case SQLITE_DROP_VIEW, SQLITE_DROP_TEMP_VIEW: add("view", access, actions: .drop)
    case SQLITE_CREATE_INDEX, SQLITE_CREATE_TEMP_INDEX: try addCreated("index", access)
    case SQLITE_DROP_INDEX, SQLITE_DROP_TEMP_INDEX: add("index", access, parent: access.second, actions: .drop)
    case SQLITE_CREATE_TRIGGER, SQLITE_CREATE_TEMP_TRIGGER: try addCreated("trigger", access)
    // A table's triggers are dropped with it, without being named: a rebuild that does not create them again loses
    // them.
    case SQLITE_DROP_TRIGGER where piece.keyword(1) == "TRIGGER",
      SQLITE_DROP_TEMP_TRIGGER where piece.keyword(1) == "TRIGGER":
      add("trigger", access, parent: access.second, actions: .drop)
    default: break
    }
  }

  /// Everything that ALTER TABLE changed: a rename also rewrites views, triggers and other tables' references.
  package mutating func addChanges(from before: AlteredTable) throws(DriverFailure) {
    for write in try before.changes(clone) { merge(write) }
  }

  private mutating func addRows(
    _ access: WriteRecorder.Access, _ actions: WriteActions, _ piece: ScriptReader.Piece
  ) throws(DriverFailure) {
    let name = access.first.lowercased()
    if ["sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema"].contains(name) { return }
    // DROP TABLE cleans up sqlite_sequence and the statistics itself.
    if piece.keyword(0) == "DROP", name.hasPrefix("sqlite_") { return }
    // SQLite reports a DELETE of rows when it drops a view, too.
    let form = try clone.form(of: access.first, temporary: access.schema == "temp")
    if piece.keyword(0) == "DROP", form == .view { return }
    try addTable(access.first, access.schema, actions)
  }

  private mutating func addCreatedTable(
    _ access: WriteRecorder.Access, _ piece: ScriptReader.Piece
  ) throws(DriverFailure) {
    // CREATE … IF NOT EXISTS of what exists does nothing.
    let form = try clone.form(of: access.first, temporary: access.schema == "temp")
    let isShadow = form == .shadow
    if form != nil, !isShadow { return }
    let actions: WriteActions = piece.createdBySelect == nil ? .create : [.create, .insert]
    if access.action == SQLITE_CREATE_VTABLE {
      add("virtual_table", access, actions: actions)
    } else {
      let parent = isShadow ? try clone.owner(ofShadow: access.first) : ""
      add("table", access, parent: parent, actions: actions)
    }
  }

  private mutating func addCreated(_ kind: String, _ access: WriteRecorder.Access) throws(DriverFailure) {
    if try clone.has(kind, access.first) { return }
    add(kind, access, parent: access.second, actions: .create)
  }

  private mutating func addTable(
    _ name: String, _ schema: String, _ actions: WriteActions
  ) throws(DriverFailure) {
    let schema = schema == "main" ? "" : schema
    switch try clone.form(of: name, temporary: schema == "temp") {
    case .virtual:
      merge(ScriptWrite(kind: "virtual_table", schema: schema, name: name, actions: actions))
      // The module decides which of its tables it writes.
      let inside = actions.contains(.drop) ? actions : [.insert, .update, .delete]
      for shadow in try clone.shadows(of: name) {
        merge(ScriptWrite(kind: "table", schema: schema, name: shadow, parent: name, actions: inside))
      }
    case .shadow:
      let owner = try clone.owner(ofShadow: name)
      merge(ScriptWrite(kind: "table", schema: schema, name: name, parent: owner, actions: actions))
    case .view: merge(ScriptWrite(kind: "view", schema: schema, name: name, actions: actions))
    default: merge(ScriptWrite(kind: "table", schema: schema, name: name, actions: actions))
    }
  }

  private mutating func add(
    _ kind: String, _ access: WriteRecorder.Access, parent: String = "", actions: WriteActions
  ) {
    let schema = access.schema == "main" ? "" : access.schema
    merge(ScriptWrite(kind: kind, schema: schema, name: access.first, parent: parent, actions: actions))
  }

  private mutating func merge(_ write: ScriptWrite) {
    let same = list.firstIndex {
      $0.kind == write.kind && $0.schema == write.schema && $0.name == write.name && $0.parent == write.parent
    }
    if let same { list[same].actions.formUnion(write.actions) } else { list.append(write) }
  }
}
