import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// The ledger of an adopted tool, in the tool's own shape. What it has no columns for is in belay's own table, written in the
/// same transaction.
package struct ToolHistory: AppliedHistory {
  let tool: any AdoptedTool
  let table: LedgerTable
  let content: ToolContent
  package let receipts: Receipts

  package var shapes: [String: [String]] { [table.name: tool.columns, receipts.table: Receipts.columns] }

  package var ownTables: OwnTables {
    guard !tool.tables.isEmpty else { return OwnTables(tables) }
    return OwnTables(
      [receipts.table], placed: Set(tool.tables.map { TableName(schema: table.schema, name: $0) }))
  }

  package func applied(
    _ connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> [AppliedMigration] {
    let own = receipts.exists(in: catalog) ? try receipts.rows(connection, context: context) : []
    let state = try state(connection, catalog: catalog, context: context)
    let known = Dictionary(own.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    let rows = Dictionary(state.applied.map { (tool.key(of: $0.version), $0) }, uniquingKeysWith: { $1 })
    return content.migrations.filter { tool.isApplied($0, state) }.map { migration in
      if let row = known[migration.name] { return AppliedMigration(row) }
      let row = rows[tool.key(of: migration.version)]
      return AppliedMigration(name: migration.name, sha256: "", appliedAt: row?.appliedAt ?? "", run: "")
    }
  }

  func state(
    _ connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> LedgerState {
    guard table.isIn(catalog) else {
      var state = LedgerState()
      state.isLost = true
      return state
    }
    let rows = try table.rows(tool.columns, orderedBy: tool.orderColumn, connection, context: context)
      .filter { tool.isOf(content, $0) }
    var state = try tool.state(of: rows, in: table)
    state.keys = Set(state.applied.map { tool.key(of: $0.version) })
    return state
  }

  package func firstUnrecorded(
    of files: [MigrationFile], _ connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> MigrationFile? {
    let state = try state(connection, catalog: catalog, context: context)
    return files.first { file in
      guard let entry = file.entry, let migration = migration(of: file, entry) else { return true }
      return tool.isApplied(migration, state) != (entry.way == .up)
    }
  }

  package func makers(_ traits: Traits, in catalog: Catalog) -> [String] {
    (table.isIn(catalog) ? [] : tool.creation(of: table)) + [receipts.maker(traits, in: catalog)].compactMap(\.self)
  }

  package func recording(_ file: MigrationFile, run: String, milliseconds: Int, _ traits: Traits) -> [String] {
    guard let entry = file.entry else { return [] }
    // One migration has one receipt, of its last way; the tool may have undone or applied it in between.
    let names = Set([file.name] + (migration(of: file, entry)?.names ?? []))
    return names.sorted().map { receipts.statements(traits).deletion(of: $0) }
      + tool.recording(entry, milliseconds: milliseconds, in: table)
      + [receipts.recording(file.name, sha256: file.sha256, run: run, milliseconds: milliseconds, traits)]
  }

  private func migration(of file: MigrationFile, _ entry: LedgerEntry) -> ToolMigration? {
    content.migrations.first {
      entry.version.isEmpty ? $0.name == file.name : tool.isSame($0.version, entry.version)
    }
  }
}
