import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// Judges a command by the database before it and after it: what its statements meant is not known. Rows and objects that
/// are gone, and rows with other values, must be declared; what was added need not be.
struct StateVerdict {
  let judged: JudgedStates
  let declared: DeclaredEffects
  /// Tables of belay and of migration tools, which a command of theirs writes.
  private let ledgers: Set<TableName>

  private(set) var verdict = Contract.Verdict()
  /// Tables that were there before, and whose rows are other ones now.
  private(set) var written: Set<TableName> = []
  private(set) var hasDropped = false
  /// `--allow-loss orders`, in their order. What may be lost may change too.
  var flags: [String] {
    (undeclared[.loss] ?? []).map { "\(Kind.loss.rawValue) \($0.shellWord)" }
      + (undeclared[.change] ?? []).filter { !(undeclared[.loss] ?? []).contains($0) }
      .map { "\(Kind.change.rawValue) \($0.shellWord)" }
  }
  private var undeclared: [Kind: [String]] = [:]

  private var before: DatabaseState { judged.before }
  private var after: DatabaseState { judged.after }

  init(_ judged: JudgedStates, declared: DeclaredEffects) throws(BelayError) {
    self.judged = judged
    self.declared = declared
    let catalogs = [judged.before.catalog, judged.after.catalog]
    ledgers = Set(catalogs.flatMap { LedgerEntries.tables(in: $0) })
    for table in before.catalog.tables where table.hasRows && !isOwn(table) { try judge(table) }
    for table in after.catalog.tables where table.hasRows && !isOwn(table) {
      guard before.tables[table.tableName] == nil, let now = after.tables[table.tableName] else { continue }
      verdict.deltas.append(TableDelta(table: table.tableName, before: nil, after: now.rows, change: .created))
    }
    // On the target the schema is held against the one after the rehearsal, object by object.
    if judged.rehearsed == nil { judgeObjects() }
  }

  /// belay's lock, and what the engine keeps by itself.
  private func isOwn(_ table: CatalogTable) -> Bool {
    table.name == Connection.lockTable || !table.flags.isDisjoint(with: [.internal, .shadow])
  }

  // MARK: Rows

  private mutating func judge(_ table: CatalogTable) throws(BelayError) {
    let name = table.tableName
    guard let was = before.tables[name] else { return }
    guard let now = after.tables[name] else { return judgeDropped(table, was) }
    if let rehearsed = judged.rehearsed { compareWithRehearsal(table, was, now, rehearsed) }
    guard !now.matches(was) else { return }
    written.insert(name)
    verdict.deltas.append(TableDelta(table: name, before: was.rows, after: now.rows, change: .intended))
    if ledgers.contains(name) || judged.rehearsed != nil { return }
    let rows = try change(of: table, was, now)
    if rows.lost > 0 {
      let others = now.rows >= was.rows ? ", though there are others" : ""
      let example = rows.example.map { ", such as \($0)" } ?? ""
      add(
        .loss, table, rule: "rows-lost", "lost \(rows.lost) of \(Counted.rows(was.rows))\(example)\(others)")
    }
    if rows.changed > 0 {
      let columns = rows.columns.isEmpty ? "" : " in " + rows.columns.sorted().joined(separator: ", ")
      add(
        .change, table, rule: "rows-changed",
        "has other values\(columns) in \(rows.changed) of \(Counted.rows(was.rows))")
    } else if rows.lost == 0, rows.isUnknown {
      add(.change, table, rule: "rows-changed", "has rows with other values")
    }
  }

  private struct Change {
    var lost: UInt64 = 0
    var changed: UInt64 = 0
    var columns: Set<String> = []
    var example: String?
    /// The rows are others, and which is not known.
    var isUnknown = false
  }

  private func change(of table: CatalogTable, _ was: TableState, _ now: TableState) throws(BelayError) -> Change {
    var change = Change(lost: was.rows > now.rows ? was.rows - now.rows : 0)
    let later = after.catalog.table(table.tableName)
    guard let later, was.rows > 0 else { return change }
    guard let rebuild = Rebuild(table, after: later), let rows = try judged.compare(rebuild) else {
      // Where there are more rows, or other columns, the digest says nothing of those of before.
      change.isUnknown = was.rows == now.rows && later.hasSameStoredColumns(as: table)
      return change
    }
    if rebuild.key.isEmpty {
      // Without a key a row with another value is one that is gone, and one that has come.
      change.changed = rows.lost > change.lost ? rows.lost - change.lost : 0
    } else {
      (change.lost, change.example) = (max(change.lost, rows.lost), rows.example)
      (change.changed, change.columns) = (rows.changed, rows.columns)
    }
    return change
  }

  private mutating func judgeDropped(_ table: CatalogTable, _ was: TableState) {
    let name = table.tableName
    if was.rows > 0 { hasDropped = true }
    verdict.deltas.append(TableDelta(table: name, before: was.rows, after: nil, change: .dropped))
    guard judged.rehearsed == nil, !ledgers.contains(name) else { return }
    if let other = newName(of: table, was) {
      verdict.findings.append(
        Finding(
          .note, source: "guard", rule: "renamed", subject: "table \(name)",
          message: "is gone, and all its rows are in \(other)"))
      return
    }
    add(.loss, table, rule: "table-lost", "is gone with \(Counted.rows(was.rows))")
  }

  /// A table that was not there before and holds the same rows, or that the engine knows as the same one.
  private func newName(of table: CatalogTable, _ was: TableState) -> TableName? {
    let renamed = RenamedObjects(before: before.catalog, after: after.catalog)
    if let other = renamed.name(of: table.object), let now = after.tables[other], now.rows >= was.rows { return other }
    guard was.rows > 0 else { return nil }
    return after.catalog.tables.first { now in
      before.tables[now.tableName] == nil && after.tables[now.tableName] == was
    }?.tableName
  }

  /// Others may write to the target, so that rows need not be the same; but a table that only the copy has changed shows
  /// that the command did something else here.
  private mutating func compareWithRehearsal(
    _ table: CatalogTable, _ was: TableState, _ now: TableState, _ rehearsed: JudgedStates.Rehearsed
  ) {
    let name = table.tableName
    let delta = rehearsed.deltas.first { $0.table == name }
    guard let copy = rehearsed.before.tables[name] else { return }
    guard let delta, let end = delta.after, let start = delta.before else {
      guard !now.matches(was) else { return }
      if now.rows < was.rows {
        verdict.findings.append(
          Finding(
            .warning, source: "guard", rule: "not-as-rehearsed", subject: "table \(name)",
            message: "lost \(was.rows - now.rows) of \(Counted.rows(was.rows)), and none in the rehearsal: "
              + "written by others meanwhile"))
      }
      verdict.others.append(name)
      return
    }
    if now.matches(was) {
      let isSame = copy.matches(was)
      verdict.findings.append(
        Finding(
          isSame ? .error : .warning, source: "guard", rule: "not-as-rehearsed", subject: "table \(name)",
          message: "was not changed, and was in the rehearsal",
          hint: isSame ? "does the command work on another database here than on the copy?" : nil))
      return
    }
    let (wanted, found) = (Int64(end) - Int64(start), Int64(now.rows) - Int64(was.rows))
    guard wanted != found, !ledgers.contains(name) else { return }
    verdict.findings.append(
      Finding(
        .warning, source: "guard", rule: "not-as-rehearsed", subject: "table \(name)",
        message:
          "has \(Self.words(found)), and had \(Self.words(wanted)) in the rehearsal: others may have written to it"))
  }

  private static func words(_ difference: Int64) -> String {
    switch difference {
    case 0: "as many rows as before"
    case ..<0: "\(Counted.rows(-difference)) less"
    default: "\(Counted.rows(difference)) more"
    }
  }

  // MARK: Objects

  private mutating func judgeObjects() {
    let names = Set(after.catalog.objects.map(\.key))
    let identities = Set(after.catalog.objects.map(\.identity))
    let owners = Set(
      after.catalog.objects.filter { $0.kind == "table" || $0.parent.isEmpty }
        .map { TableName(schema: $0.schema, name: $0.name) })
    let renamed = RenamedObjects(before: before.catalog, after: after.catalog)
    var twins = Twins(before: before.catalog, after: after.catalog)
    for object in before.catalog.objects
    where !["table", "setting"].contains(object.kind)
      && object.flags.isDisjoint(with: [.outsideDump, .internal, .implicit])
    {
      let byParent = object.kind == "column" || object.flags.contains(.toldTwice)
      guard byParent ? !identities.contains(object.identity) : !names.contains(object.key) else { continue }
      let parent = TableName(schema: object.schema, name: object.parent)
      // It goes with its table, which is judged by itself.
      if !object.parent.isEmpty, !owners.contains(parent) { continue }
      if ledgers.contains(parent) || object.parent == Connection.lockTable { continue }
      if renamed.name(of: object) != nil { continue }
      // A column of the same type is not the same column.
      if object.kind != "column", twins.take(object) { continue }
      let isDeclared = declared.allowsLoss(object)
      add(
        .loss, flag: object.kind == "column" ? object.parent : object.name, rule: "object-lost",
        subject: "\(object.kind) \(object.label)", "is gone", isDeclared: isDeclared)
    }
  }

  // MARK: What is found

  private enum Kind: String {
    case loss = "--allow-loss"
    case change = "--allow-change"
  }

  private mutating func add(_ kind: Kind, _ table: CatalogTable, rule: String, _ message: String) {
    let isDeclared = kind == .loss ? declared.allowsLoss(table) : declared.allowsChange(table)
    add(
      kind, flag: table.name, rule: rule, subject: "table \(table.tableName)", message, isDeclared: isDeclared)
  }

  private mutating func add(
    _ kind: Kind, flag: String, rule: String, subject: String, _ message: String, isDeclared: Bool
  ) {
    verdict.findings.append(
      Finding(
        isDeclared ? .note : .error, source: "guard", rule: rule, subject: subject,
        message: isDeclared ? "\(message) (declared)" : "\(message), which nothing declares"))
    if !isDeclared, undeclared[kind]?.contains(flag) != true { undeclared[kind, default: []].append(flag) }
  }
}

extension SchemaObject {
  fileprivate var key: Intent.Key { Intent.Key(kind: kind, schema: schema, name: name) }
}
