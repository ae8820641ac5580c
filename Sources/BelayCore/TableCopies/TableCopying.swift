import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import Foundation

/// Makes copies of tables beside them: all of one instant, each compared with its table, and recorded; all or none.
///
/// Takes no lock that keeps others from reading or writing a table, beyond what the engine's transactions do anyway.
struct TableCopying {
  let run: Run
  let now: Date

  private var context: RunContext { run.context }
  private var connection: Connection { run.connection }

  /// - Parameters:
  ///   - patterns: `[SCHEMA.]TABLE`, with `*` and `?`.
  ///   - keepFor: nil: until somebody drops them.
  func make(_ patterns: [String], keepFor: CalendarSpan?) throws(BelayError) -> [TableCopy] {
    let ledger = try CopyLedger(on: connection, context: context)
    return try CopyTransaction(connection, context: context).run("cannot copy the tables", seeing: .instant) {
      () throws(BelayError) in
      let before = try catalog()
      let recorded = try ledger.copies(in: before)
      let tables = try tables(matching: patterns, in: before, recorded)
      tellOfLarge(tables)
      if !ledger.exists(in: before) { try ledger.make() }
      let planned = plan(tables, before, recorded)
      var states: [TableState] = []
      for (table, name) in planned {
        context.phase(.backup, "table \(table.tableName) as \(name)")
        states.append(try connection.state(of: table, "reading \(table.tableName)", context: context))
        try execute(
          "CREATE TABLE \(quoted(name)) AS SELECT \(selection(of: table)) FROM \(quoted(table.tableName))",
          "cannot copy table \(table.tableName)",
          what: "copying \(table.tableName)")
      }
      let made = try catalog()
      let own = Set(planned.map(\.name) + (ledger.exists(in: before) ? [] : [ledger.name]))
      try revokeGrants(on: own, in: made)
      var copies: [TableCopy] = []
      for ((table, name), state) in zip(planned, states) {
        try compare(name, with: table, state, in: made)
        let copy = TableCopy(
          name: name, table: table.tableName, columns: table.columns.map(\.name), madeAt: Moment.iso(now),
          expiresAt: keepFor.map { Moment.iso($0.later(than: now)) }, state: state, run: run.id, madeBy: NSUserName())
        try ledger.add(copy)
        copies.append(copy)
      }
      return copies
    }
  }

  private func catalog() throws(BelayError) -> Catalog {
    do {
      return try connection.catalog(operation: context.stoppable("reading the schema"))
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .failed)
    }
  }

  // MARK: What is copied, and how it is called

  /// A pattern that matches anything need not mean copies of copies.
  private func tables(
    matching patterns: [String], in catalog: Catalog, _ recorded: [TableCopy]
  ) throws(BelayError) -> [CatalogTable] {
    let copies = Set(recorded.map(\.name))
    try refuseOthers(patterns, in: catalog)
    let found = try catalog.tables(matching: patterns)
    let chosen = found.filter { table in
      table.flags.isDisjoint(with: [.internal, .shadow]) && !copies.contains(table.tableName)
        && ![CopyLedger.table, CopyLedger.restores, Connection.lockTable].contains(table.name)
    }.map { $0.with(columns: $0.copiedColumns) }
    guard !chosen.isEmpty else {
      let names = found.map(\.tableName.description).joined(separator: ", ")
      throw BelayError(.refused, "\(names): a table that belay or the engine keeps for itself is not copied")
    }
    if let reason = chosen.lazy.compactMap({ catalog.obstacle(toExchangingRowsOf: $0) }).first {
      throw BelayError(
        .refused, reason,
        hint: "copy the tables that hold the rows, or keep them in an archive: `belay backup --table`")
    }
    if let empty = chosen.first(where: \.columns.isEmpty) {
      throw BelayError(.refused, "table \(empty.tableName) stores no column that could be copied")
    }
    return chosen
  }

  /// A view, or a table of a module, has no rows that could be copied.
  private func refuseOthers(_ patterns: [String], in catalog: Catalog) throws(BelayError) {
    let names = Set(catalog.tables.flatMap { [$0.name, $0.tableName.description] })
    for pattern in patterns where !names.contains(pattern) {
      let other = catalog.objects.first { object in
        ["view", "materialized_view", "virtual_table"].contains(object.kind)
          && [object.name, TableName(schema: object.schema, name: object.name).description].contains(pattern)
      }
      guard let other else { continue }
      throw BelayError(
        .refused, "\(pattern) is a \(other.kind.replacing("_", with: " ")): only tables are copied",
        hint: "copy the tables that hold its rows")
    }
  }

  /// With a name for each column: what an engine calls the number of a row is no name that it would give by itself.
  private func selection(of table: CatalogTable) -> String {
    table.columns.map { column in
      let name = connection.traits.quoted(column.name)
      return column.flags.contains(.implicit) ? "\(name) AS \(name)" : name
    }.joined(separator: ", ")
  }

  /// Some engines take two names for one that differ in large and small letters alone.
  private func plan(
    _ tables: [CatalogTable], _ catalog: Catalog, _ recorded: [TableCopy]
  ) -> [(table: CatalogTable, name: TableName)] {
    func key(_ schema: String, _ name: String) -> TableName { TableName(schema: schema, name: name.lowercased()) }
    var taken = Set(
      catalog.objects.map { key($0.schema, $0.name) } + recorded.map { key($0.name.schema, $0.name.name) })
    return tables.map { table in
      let name = CopyName.of(table.name, on: now) { taken.contains(key(table.schema, $0)) }
      taken.insert(key(table.schema, name))
      return (table, TableName(schema: table.schema, name: name))
    }
  }

  private static let manyRows = 1_000_000

  private func tellOfLarge(_ tables: [CatalogTable]) {
    let large = tables.filter { ($0.rowEstimate ?? 0) >= Self.manyRows }
    guard !large.isEmpty else { return }
    let names = large.map { "\($0.tableName) has about \(Counted.rows($0.rowEstimate ?? 0))" }
    context.log(
      .notice,
      names.joined(separator: ", ") + ": they are read twice, and their copies once"
        + (connection.traits.isExclusive ? "; nobody else can write to the database meanwhile" : ""))
  }

  // MARK: Who may read it

  /// A schema can have grants that every new table gets. Whom they are for may not be allowed to read the table.
  private func revokeGrants(on tables: Set<TableName>, in made: Catalog) throws(BelayError) {
    let grants = made.grants(on: tables)
    guard !grants.isEmpty else { return }
    for grant in grants {
      // The word for everybody is no name of a role.
      let role = grant.name == "public" ? "PUBLIC" : connection.traits.quoted(grant.name)
      try execute(
        "REVOKE ALL PRIVILEGES ON TABLE \(quoted(grant.parentName)) FROM \(role)",
        "cannot keep table \(grant.parentName) from \(grant.name)")
    }
    guard let grant = try catalog().grants(on: tables).first else { return }
    throw BelayError(
      .refused,
      "\(grant.name) would be able to read \(grant.parentName), the copy of a table that is not theirs to read",
      hint: "look at the default privileges of its schema")
  }

  // MARK: Proof

  private func compare(
    _ name: TableName, with table: CatalogTable, _ expected: TableState, in catalog: Catalog
  ) throws(BelayError) {
    guard let copy = catalog.table(name) else {
      throw BelayError(.failed, "table \(name) is not there after it was made")
    }
    let columns = copy.declaredColumns
    let state =
      columns.map(\.name) == table.columns.map(\.name)
      ? try connection.state(of: copy.with(columns: columns), "comparing \(name)", context: context) : nil
    guard state == expected else {
      throw BelayError(
        .verificationFailed,
        "the copy of table \(table.tableName) is not equal to it: \(state.map { Counted.rows($0.rows) } ?? "other columns"), "
          + "and the table has \(Counted.rows(expected.rows))",
        hint: "`belay backup --table \(table.tableName.description.shellWord)` keeps its rows in an archive")
    }
  }

  private func quoted(_ name: TableName) -> String { connection.traits.quoted(schema: name.schema, name: name.name) }

  private func execute(_ sql: String, _ doing: String, what: String = "") throws(BelayError) {
    do {
      _ = try connection.execute(sql, operation: context.stoppable(what))
    } catch {
      throw BelayError(error, doing: doing, kind: .failed)
    }
  }
}

extension Catalog {
  /// What somebody else was granted on these tables.
  fileprivate func grants(on tables: Set<TableName>) -> [SchemaObject] {
    objects.filter { $0.kind == "grant" && tables.contains($0.parentName) }
  }
}
