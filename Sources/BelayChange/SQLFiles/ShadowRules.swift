import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// Judges a migration that keeps old values in the database (`_backup_email`, `_archive_orders`), so that its way down finds
/// them: they must be kept before they are changed, and the way down must use and remove what keeps them.
struct ShadowRules {
  let file: PlannedFile
  /// Of the database before the file.
  let catalog: Catalog

  private static let prefixes = ["_backup_", "_archive_"]

  /// A column, or a table with no column's name.
  private struct Name: Hashable {
    let table: TableName
    var column = ""
  }

  /// What keeps old values, and what it keeps them of.
  private struct Shadow {
    let name: Name
    let kept: Name
    /// The statement that first puts something there.
    let filled: Int

    var shown: String { name.column.isEmpty ? name.table.name : name.column }
  }

  func findings() -> [Finding] {
    guard file.file.entry?.way != .down, !file.isRecordedOnly else { return [] }
    let shadows = self.shadows
    let changes = self.changes
    return tooLate(shadows, changes) + unused(shadows) + unkept(shadows, changes)
  }

  // MARK: What the statements do

  private var shadows: [Shadow] {
    var found: [Shadow] = []
    func add(_ name: Name, _ kept: Name, _ index: Int) {
      if !found.contains(where: { $0.name == name }) { found.append(Shadow(name: name, kept: kept, filled: index)) }
    }
    for (index, statement) in file.statements.enumerated() {
      for column in statement.computed ?? [] {
        guard let kept = Self.kept(column.name) else { continue }
        let table = TableName(schema: column.schema, name: column.table)
        add(Name(table: table, column: column.name), Name(table: table, column: kept), index)
      }
      for write in statement.writes
      where write.kind == "table" && !write.actions.isDisjoint(with: [.create, .insert]) {
        guard let kept = Self.kept(write.name) else { continue }
        add(
          Name(table: TableName(schema: write.schema, name: write.name)),
          Name(table: TableName(schema: write.schema, name: kept)), index)
      }
    }
    return found.filter { !isThere($0.name) }
  }

  /// Values of columns that are overwritten, and tables that lose rows, with the first statement that does it. Only what was
  /// there before the file: nothing else has old values.
  private var changes: [(name: Name, statement: Int)] {
    var found: [(name: Name, statement: Int)] = []
    for (index, statement) in file.statements.enumerated() {
      for write in statement.writes where write.kind == "table" {
        let table = TableName(schema: write.schema, name: write.name)
        var names: [Name] = write.actions.contains(.delete) ? [Name(table: table)] : []
        if write.actions.contains(.update) {
          names += (statement.computed ?? []).filter { $0.table == write.name && $0.schema == write.schema }
            .map { Name(table: table, column: $0.name) }
        }
        for name in names where isThere(name) && !found.contains(where: { $0.name == name }) {
          found.append((name, index))
        }
      }
    }
    return found
  }

  private static func kept(_ name: String) -> String? {
    guard let prefix = prefixes.first(where: { name.lowercased().hasPrefix($0) }), name.count > prefix.count else {
      return nil
    }
    return String(name.dropFirst(prefix.count))
  }

  private func isThere(_ name: Name) -> Bool {
    catalog.tables.contains { table in
      table.tableName == name.table && (name.column.isEmpty || table.columns.contains { $0.name == name.column })
    }
  }

  // MARK: What is wrong

  private func tooLate(_ shadows: [Shadow], _ changes: [(name: Name, statement: Int)]) -> [Finding] {
    shadows.compactMap { shadow in
      guard let change = changes.first(where: { $0.name == shadow.kept }), change.statement < shadow.filled else {
        return nil
      }
      let what =
        change.name.column.isEmpty ? "rows of \(change.name.table) are deleted" : "\(label(change.name)) is changed"
      return Finding(
        .warning, source: "lint", rule: "kept-too-late", subject: place(change.statement),
        message: "\(what) before \(shadow.shown) has the old values, so that it keeps the new ones",
        hint: "put the statement in line \(file.statements[shadow.filled].line) before this one")
    }
  }

  private func unused(_ shadows: [Shadow]) -> [Finding] {
    shadows.compactMap { shadow in
      let message: String
      switch file.file.wayDown {
      case .unknown: return nil
      case .missing: message = "keeps old values in \(shadow.shown), and has no way down that takes them from there"
      case .text(let sql):
        let parts = sql.split(separator: ";").map { $0.lowercased() }.filter { $0.contains(shadow.shown.lowercased()) }
        if parts.isEmpty {
          message = "keeps old values in \(shadow.shown), and its way down does not take them from there"
        } else if !parts.contains(where: { $0.contains("drop") }) {
          message =
            "keeps old values in \(shadow.shown), which its way down does not drop: it could not run a second time"
        } else {
          return nil
        }
      }
      return Finding(
        .warning, source: "lint", rule: "kept-unused", subject: file.file.name, message: message, hint: Self.page)
    }
  }

  /// A way down that cannot give back what the way up has overwritten.
  private func unkept(_ shadows: [Shadow], _ changes: [(name: Name, statement: Int)]) -> [Finding] {
    guard case .text(let sql) = file.file.wayDown, Self.hasStatements(sql) else { return [] }
    return changes.compactMap { change in
      let isKept = shadows.contains { $0.kept == change.name || $0.kept == Name(table: change.name.table) }
      // A shadow that an earlier file has made is filled anew.
      guard !isKept, Self.kept(change.name.table.name) == nil, Self.kept(change.name.column) == nil else { return nil }
      let name = change.name
      let what =
        name.column.isEmpty
        ? "deletes rows of \(name.table), and its way down has them from nowhere"
        : "changes \(label(name)), and its way down has the old values from nowhere"
      let place = name.column.isEmpty ? "a table _archive_\(name.table.name)" : "a column _backup_\(name.column)"
      return Finding(
        .note, source: "lint", rule: "not-kept", subject: self.place(change.statement), message: what,
        hint: "keep them in \(place) first; \(Self.page)")
    }
  }

  private static let page = "see \"A transform that can be undone\" in migrations.md"

  private static func hasStatements(_ sql: String) -> Bool {
    sql.split(whereSeparator: \.isNewline).contains { line in
      let text = String(line).trimmed
      return !text.isEmpty && !text.hasPrefix("--")
    }
  }

  private func label(_ name: Name) -> String { "\(name.table).\(name.column)" }

  private func place(_ statement: Int) -> String { "\(file.file.name), line \(file.statements[statement].line)" }
}
