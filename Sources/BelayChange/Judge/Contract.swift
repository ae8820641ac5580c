import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// Holds what changed in a database against what the migration's own statements name.
///
/// What a statement names and writes itself may change. What changes, shrinks or vanishes beyond that - by a cascade, a
/// trigger, a rebuild - is collateral, though another statement names the table, and must be declared by a directive. In
/// `strict` mode every loss must be. Where the engine does not tell what its statements did, all tables that any of them
/// names may change.
package struct Contract {
  package let mode: ContractMode
  /// belay's own tables, which every run writes.
  let ownTables: OwnTables
  /// `--allow-loss`, for all files.
  package let allowLoss: Set<String>
  /// The engine takes NOT NULL, DEFAULT and CHECK away from a column without making its table anew.
  var altersColumns = false
  /// `ChangeWords.lossOption`
  var lossOption: String?

  package struct Verdict {
    package var deltas: [TableDelta] = []
    /// Violations are errors; what is only worth knowing is a note.
    package var findings: [Finding] = []
    /// Tables that others wrote to meanwhile, as far as it is known.
    package var others: [TableName] = []
    package var holds: Bool { !findings.contains { $0.severity == .error } }

    /// Rows that no statement names were written by others: worth a warning, and no breach.
    mutating func excuseOthers() {
      for index in findings.indices where ["collateral-loss", "collateral-change"].contains(findings[index].rule) {
        guard findings[index].severity == .error else { continue }
        findings[index].severity = .warning
        findings[index].message += ", but not in the rehearsal: written by others meanwhile"
        findings[index].hint = nil
      }
    }
  }

  /// - Parameters:
  ///   - intent: of all that ran between the two states.
  ///   - evidence: what the transaction did between the two; nil: not known, and the rows are compared.
  ///   - rehearsed: what the same change did on a copy, where the evidence alone decides; nil: both states were read.
  ///   - rebuilt: what became of the rows of tables that were made anew, as far as they were compared.
  ///   - objects: judge what has become of indexes, triggers, views and columns too.
  ///   - othersMayWrite: rows that differ may be theirs. Then the evidence decides, and where it has nothing to say the
  ///     comparison does.
  func judge(
    before: DatabaseState, after: DatabaseState, intent: Intent, evidence: Evidence? = nil,
    othersMayWrite: Bool = false, rehearsed: RehearsedTables? = nil, rebuilt: [TableName: RebuiltRows] = [:],
    objects: Bool = true
  ) -> Verdict {
    var verdict = Verdict()
    let changes = RowChanges(
      before: before, after: after, evidence: evidence, othersMayWrite: othersMayWrite, rehearsed: rehearsed)
    let renamed = RenamedObjects(before: before.catalog, after: after.catalog)
    for table in before.catalog.tables where table.hasRows && !isOwn(table) {
      let rows = renamed.name(of: table.object).flatMap { after.tables[$0]?.rows }
      judge(table, before: before, changes: changes, renamedWith: rows, intent: intent, verdict: &verdict)
      if let was = before.tables[table.tableName], let found = rebuilt[table.tableName] {
        judge(table, was: was.rows, rebuilt: found, intent: intent, verdict: &verdict)
      }
    }
    for table in after.catalog.tables where table.hasRows && !isOwn(table) {
      let name = table.tableName
      guard before.tables[name] == nil, let now = after.tables[name] else { continue }
      verdict.deltas.append(TableDelta(table: name, before: nil, after: now.rows, change: .created))
    }
    guard objects else { return verdict }
    judgeObjects(
      before: before.catalog, after: after.catalog, renamed: renamed, intent: intent, verdict: &verdict)
    return verdict
  }

  // MARK: Rows

  /// - Parameter renamedWith: the rows that it has under another name; nil: it has none.
  private func judge(
    _ table: CatalogTable, before: DatabaseState, changes: RowChanges, renamedWith: UInt64?, intent: Intent,
    verdict: inout Verdict
  ) {
    let name = table.tableName
    guard let was = before.tables[name] else { return }
    let actions = intent.actions(on: table)
    let change: RowChange
    switch changes.change(of: table) {
    case .none: return
    case .byOthers:
      verdict.others.append(name)
      return
    case .vanished:
      verdict.deltas.append(TableDelta(table: name, before: was.rows, after: nil, change: .dropped))
      // A renamed table is named as dropped and altered: its rows live on under the new name.
      if actions.isDisjoint(with: [.drop, .alter]), let now = renamedWith {
        if now < was.rows {
          add(
            "collateral-loss", name, "was renamed and lost \(was.rows - now) of \(Counted.rows(was.rows))",
            to: &verdict, intent)
        }
      } else if actions.isDisjoint(with: [.drop, .alter]) {
        add(
          "vanished", name, "disappeared with \(Counted.rows(was.rows)), though no statement drops it", to: &verdict,
          intent)
      } else if mode == .strict, !actions.contains(.alter), was.rows > 0 {
        add("drop", name, "dropped with \(Counted.rows(was.rows))", to: &verdict, intent)
      }
      return
    case .changed(let found): change = found
    }
    if change.othersWroteToo { verdict.others.append(name) }
    // A virtual table's storage is its module's own affair: a trigger that keeps a full-text index in step rewrites it.
    let isStorage = table.flags.contains(.shadow)
    let beyond = isStorage ? nil : changes.evidence?.beyond[name]
    let takenAlong = beyond?.lost(of: change) ?? 0
    verdict.deltas.append(
      TableDelta(
        table: name, before: was.rows, after: change.rows,
        change: actions.isEmpty || takenAlong > 0 ? .collateral : .intended))
    if actions.isEmpty, isStorage { return }
    if let beyond {
      let cause =
        (actions.isEmpty ? ", though no statement names it: " : " beyond what the statements write: ") + beyond.cause
      if takenAlong > 0 {
        add("collateral-loss", name, "lost \(takenAlong) of \(Counted.rows(was.rows))" + cause, to: &verdict, intent)
      } else if !intent.allowsChange(name) {
        add("collateral-change", name, change.words + cause, to: &verdict, intent)
      }
      if actions.isEmpty { return }
    }
    let lost = change.lost - takenAlong
    if actions.isEmpty {
      if lost > 0 {
        add(
          "collateral-loss", name,
          "lost \(lost) of \(Counted.rows(was.rows)), though no statement names it"
            + intent.otherDeletions(than: table, before: before.catalog), to: &verdict, intent)
      } else if !intent.allowsChange(name) {
        add("collateral-change", name, change.words + ", though no statement names it", to: &verdict, intent)
      }
    } else if lost > 0, !actions.contains(.delete) {
      // An UPDATE may move rows from one part of a table to another.
      if !changes.isKeptByFamily(table) {
        let loss = "lost \(lost) of \(Counted.rows(was.rows))"
        let message =
          actions.contains(.drop)
          ? "was rebuilt and \(loss)"
          : "\(loss), though no statement deletes from it" + intent.otherDeletions(than: table, before: before.catalog)
        add("rebuild-loss", name, message, to: &verdict, intent)
      }
    } else if lost > 0, mode == .strict {
      add("loss", name, "lost \(lost) of \(Counted.rows(was.rows))", to: &verdict, intent)
    }
  }

  /// Its rows, one by one, where their number alone says nothing.
  private func judge(
    _ table: CatalogTable, was: UInt64, rebuilt: RebuiltRows, intent: Intent, verdict: inout Verdict
  ) {
    let name = table.tableName
    let isSaid = verdict.findings.contains { $0.rule == "rebuild-loss" && $0.subject == "table \(name)" }
    if rebuilt.lost > 0, !isSaid, !intent.actions(on: table).contains(.delete) {
      let example = rebuilt.example.map { ", such as \($0)" } ?? ""
      add(
        "rebuild-loss", name,
        "was rebuilt, and \(rebuilt.lost) of its \(Counted.rows(was)) \(rebuilt.lost == 1 ? "is" : "are") no longer there"
          + "\(example), though there are others",
        to: &verdict, intent)
    }
    if rebuilt.changed > 0, !intent.allowsChange(name) {
      add(
        "rebuild-change", name,
        "was rebuilt, and \(rebuilt.changed) of its \(Counted.rows(was)) have other values in "
          + rebuilt.columns.sorted().joined(separator: ", "), to: &verdict, intent, directive: "allow-change")
    }
  }

  private func add(
    _ rule: String, _ table: TableName, _ message: String, to verdict: inout Verdict, _ intent: Intent,
    directive: String = "allow-loss"
  ) {
    verdict.findings.append(
      finding(
        rule, "table \(table)", message, declaredFor: table, intent, hint: "if this is intended, add",
        directive: directive))
  }

  /// A breach, or a note where the loss is declared.
  /// - Parameters:
  ///   - object: what a directive must name.
  ///   - hint: what to do, up to the directive.
  private func finding(
    _ rule: String, _ subject: String, _ message: String, declaredFor object: TableName, _ intent: Intent, hint: String,
    directive: String = "allow-loss"
  ) -> Finding {
    let declared = intent.allowsLoss(object) || allowLoss.declares(object)
    let name = object.name
    return Finding(
      declared ? .note : .error, source: "contract", rule: rule, subject: subject,
      message: declared ? message + " (declared)" : message,
      hint: declared
        ? nil
        : lossOption.map { "\(hint) \($0) \(name.shellWord)" } ?? "\(hint) `-- belay: \(directive) \(name)` to the file"
    )
  }

  // MARK: Objects

  private func judgeObjects(
    before: Catalog, after: Catalog, renamed: RenamedObjects, intent: Intent, verdict: inout Verdict
  ) {
    let left = Set(after.objects.map { Intent.Key(kind: $0.kind, schema: $0.schema, name: $0.name) })
    let identities = Set(after.objects.filter { $0.flags.contains(.toldTwice) }.map(\.identity))
    let owners = Set(
      after.objects.filter { $0.kind == "table" || $0.parent.isEmpty }
        .map { TableName(schema: $0.schema, name: $0.name) })
    var twins = Twins(before: before, after: after)
    // What no dump of the database holds is not its own: a role that is no longer named here need not be gone.
    for object in before.objects
    where !["table", "column", "setting"].contains(object.kind) && !object.flags.contains(.outsideDump) {
      let key = Intent.Key(kind: object.kind, schema: object.schema, name: object.name)
      let isLeft = object.flags.contains(.toldTwice) ? identities.contains(object.identity) : left.contains(key)
      guard !isLeft, !intent.names(object) else { continue }
      let parent = TableName(schema: object.schema, name: object.parent)
      // Whatever belongs to a table that was dropped on purpose goes with it.
      if !object.parent.isEmpty, !owners.contains(parent) { continue }
      // The engine has it under another name, or a rebuild has made one that is its like.
      if renamed.name(of: object) != nil || twins.take(object) { continue }
      let isRebuilt = intent.drops(parent)
      let hint = isRebuilt ? "create it again after the rebuild" : "create it again, if it is not to go"
      verdict.findings.append(
        finding(
          "object-lost", "\(object.kind) \(object.label)", "disappeared, though no statement drops it",
          declaredFor: TableName(schema: object.schema, name: object.name), intent, hint: "\(hint), or add"))
    }
    if altersColumns { judgeRebuiltColumns(before: before, after: after, intent: intent, verdict: &verdict) }
    guard mode == .strict else { return }
    judgeColumns(before: before, after: after, intent: intent, verdict: &verdict)
  }

  /// What a table made anew has left out of its columns' definitions.
  private func judgeRebuiltColumns(before: Catalog, after: Catalog, intent: Intent, verdict: inout Verdict) {
    for table in before.tables where !isOwn(table) && intent.drops(table.tableName) {
      guard let rebuilt = after.table(table.tableName) else { continue }
      for (column, lost) in RebuiltColumns(table, rebuilt, before: before, after: after).lost {
        verdict.findings.append(
          finding(
            "condition-lost", "column \(table.tableName).\(column)",
            "lost its \(lost.joined(separator: " and its ")) when its table was made anew",
            declaredFor: table.tableName, intent, hint: "add it to the new table's column, or add"))
      }
    }
  }

  private func judgeColumns(before: Catalog, after: Catalog, intent: Intent, verdict: inout Verdict) {
    let now = Dictionary(
      after.tables.map { ($0.tableName, Set($0.columns.map(\.name))) }, uniquingKeysWith: { a, _ in a })
    for table in before.tables where table.hasRows && !isOwn(table) {
      guard let columns = now[table.tableName] else { continue }
      for column in table.columns where !columns.contains(column.name) && !column.flags.contains(.implicit) {
        verdict.findings.append(
          finding(
            "column-lost", "column \(table.tableName).\(column.name)", "dropped", declaredFor: table.tableName, intent,
            hint: "if this is intended, add"))
      }
    }
  }

  /// belay's own bookkeeping, and what the engine keeps by itself.
  private func isOwn(_ table: CatalogTable) -> Bool {
    ownTables.contains(table.tableName) || table.flags.contains(.internal)
  }
}
