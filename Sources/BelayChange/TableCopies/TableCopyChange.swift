import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// The rows of a copy go back into the table that it was made of, as a change: with a backup, a rehearsal, and a way back.
package struct TableCopyChange: Change {
  private let context: RunContext
  private let name: String
  private let allowLoss: [String]
  private let again: String

  /// - Parameters:
  ///   - name: the copy's, as a person types it.
  ///   - allowLoss: other tables whose rows may go or change with those of the table.
  ///   - again: the command that does it again.
  package init(context: RunContext, name: String, allowLoss: [String], again: String) {
    self.context = context
    self.name = name
    self.allowLoss = allowLoss
    self.again = again
  }

  package func plan(on connection: Connection, catalog: Catalog) throws(BelayError) -> ChangePlan {
    let recorded = try RecordedCopies(on: connection, catalog: catalog, context: context)
    let copy = try recorded.copy(named: name)
    let table = try unchanged(copy, in: recorded, on: connection)
    let live = try live(copy, table, catalog)
    if let reason = catalog.obstacle(toExchangingRowsOf: live) {
      throw refused(reason, hint: "the rows are in \(copy.name), where SQL can read them")
    }
    let (allowed, slips) = DeclaredNames(catalog: catalog, statements: [])
      .resolve(allowLoss, of: "--allow-loss-of", source: "restore")
    guard try connection.state(of: live, "comparing \(live.tableName)", context: context) != copy.state else {
      return ChangePlan(
        steps: [], noun: "table",
        findings: [note(live, "has the rows of \(copy.name) already")])
    }
    let statements = RestoringStatements(
      live: live, copy: table, key: key(of: live, in: catalog),
      incomparable: try incomparable(live, table, on: connection), traits: connection.traits,
      index: Self.freeName(in: catalog))
    try refuseLosingColumns(of: live, statements, allowed, catalog)
    let receipts = try Receipts(table: CopyLedger.restores).placed(on: connection, context: context)
    let part = TableCopyPart(
      copy: copy, live: live, hasKey: statements.hasKey, statements: try read(statements.all, on: connection),
      allowLoss: allowed, receipts: receipts,
      maker: receipts.maker(connection.traits, in: catalog))
    var plan = ChangePlan(
      steps: [ChangeStep(parts: [part], commit: .transaction)], noun: "table", receipts: receipts,
      findings: findings(live, statements, catalog) + slips)
    plan.words = ChangeWords(
      deed: "restore", done: "restored", what: "table \(live.tableName) from \(copy.name)", place: "in", again: again)
    plan.words.lossOption = "--allow-loss-of"
    return plan
  }

  /// For an index that is there while the change runs.
  private static func freeName(in catalog: Catalog) -> String {
    let taken = Set(catalog.objects.map { $0.name.lowercased() })
    let names = (1...).lazy.map { $0 == 1 ? "belay_copy_key" : "belay_copy_key_\($0)" }
    return names.first { !taken.contains($0) } ?? "belay_copy_key"
  }

  // MARK: What must be so

  /// Without a key no row stays, and so no value of a column that the copy does not have.
  private func refuseLosingColumns(
    of live: CatalogTable, _ statements: RestoringStatements, _ allowed: Set<String>, _ catalog: Catalog
  ) throws(BelayError) {
    let added = added(to: live, in: catalog)
    guard !statements.hasKey, !added.isEmpty, !allowed.declares(live.tableName) else { return }
    throw refused(
      "table \(live.tableName) has no primary key, so all of its rows would lose their values of "
        + "\(added.joined(separator: ", ")), which the copy does not have",
      hint: "if this is intended, add --allow-loss-of \(live.tableName.description.shellWord)")
  }

  /// Columns that the table has and the copy has not.
  private func added(to live: CatalogTable, in catalog: Catalog) -> [String] {
    let whole = catalog.table(live.tableName)
    let names = Set(live.columns.map(\.name))
    return whole?.declaredColumns.map(\.name).filter { !names.contains($0) } ?? []
  }

  private func refused(_ message: String, hint: String) -> BelayError {
    BelayError(.refused, message, hint: hint, state: "the database is untouched")
  }

  private func unchanged(
    _ copy: TableCopy, in recorded: RecordedCopies, on connection: Connection
  ) throws(BelayError) -> CatalogTable {
    guard let table = recorded.table(of: copy) else {
      throw refused("\(copy.name) is not there any more: somebody has dropped it", hint: Self.archives)
    }
    guard try recorded.isUnchanged(copy, on: connection, context: context) else {
      throw refused(
        "\(copy.name) is not as it was copied: somebody has changed it",
        hint: "what it holds now can be looked at with SQL; \(Self.archives)")
    }
    return table
  }

  private static let archives = "`belay list` shows the archives, and `belay restore --table` gets tables out of them"

  /// The table, with the columns of the copy in their order.
  private func live(
    _ copy: TableCopy, _ table: CatalogTable, _ catalog: Catalog
  ) throws(BelayError) -> CatalogTable {
    guard let live = catalog.table(copy.table) else {
      throw refused(
        "table \(copy.table), of which \(copy.name) was made, is not there any more",
        hint: "its rows are in \(copy.name), where SQL can read them: make the table first; \(Self.archives)")
    }
    let stored = Dictionary(live.copiedColumns.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let missing = table.columns.map(\.name).filter { stored[$0] == nil }
    guard missing.isEmpty else {
      throw refused(
        "table \(copy.table) has no place any more for \(missing.joined(separator: ", ")) of \(copy.name)",
        hint: "the values are in \(copy.name), where SQL can read them")
    }
    return live.with(columns: table.columns.compactMap { stored[$0.name] })
  }

  /// Empty: the table has no primary key, or one that the copy does not have.
  private func key(of live: CatalogTable, in catalog: Catalog) -> [SchemaObject] {
    let whole = catalog.table(live.tableName)
    let stored = whole?.copiedColumns ?? []
    let names = Set(live.columns.map(\.name))
    // Else the number by which the engine knows each row.
    let keys = [stored.filter { $0.flags.contains(.primaryKey) }, stored.filter { $0.flags.contains(.implicit) }]
    return keys.first { !$0.isEmpty && $0.allSatisfy { names.contains($0.name) } } ?? []
  }

  /// Columns of which the engine cannot tell whether two values are equal.
  private func incomparable(
    _ live: CatalogTable, _ copy: CatalogTable, on connection: Connection
  ) throws(BelayError) -> Set<String> {
    func compares(_ columns: [SchemaObject]) throws(BelayError) -> Bool {
      do {
        _ = try connection.values(
          RestoringStatements.comparison(of: columns, live, copy, connection.traits), operation: context.stoppable())
        return true
      } catch  where error.code == .sql || error.code == .unsupported || error.code == .invalid {
        return false
      } catch {
        throw BelayError(
          error, doing: "cannot compare \(live.tableName) with \(copy.tableName)", kind: .refused,
          state: "the database is untouched")
      }
    }
    if try compares(live.columns) { return [] }
    var found: Set<String> = []
    for column in live.columns where !(try compares([column])) { found.insert(column.name) }
    return found
  }

  // MARK: What a person must know

  private func findings(
    _ live: CatalogTable, _ statements: RestoringStatements, _ catalog: Catalog
  ) -> [Finding] {
    let added = added(to: live, in: catalog)
    var found: [Finding] = []
    if !added.isEmpty {
      found.append(
        note(
          live,
          "the copy does not have \(added.joined(separator: ", ")): rows that stay keep the value, and rows that come back "
            + "get the default"))
    }
    if !statements.hasKey {
      found.append(note(live, "has no primary key that the copy has too: all of its rows are deleted, and come back"))
    }
    return found
  }

  private func note(_ table: CatalogTable, _ message: String) -> Finding {
    Finding(.note, source: "restore", rule: "copy", subject: "table \(table.tableName)", message: message)
  }

  private func read(_ sql: [String], on connection: Connection) throws(BelayError) -> [Statement] {
    do {
      return try connection.split(
        sql.map { $0 + ";\n" }.joined(), operation: context.stoppable("reading the statements"))
    } catch {
      throw BelayError(
        error, doing: "cannot read the statements that restore the table", kind: .refused,
        state: "the database is untouched")
    }
  }
}
