import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// A statement that has run, for the account of what it wrote.
package struct RanStatement: Sendable {
  /// "1.sql, line 3"
  let place: String
  /// Of this statement alone.
  let intent: Intent
  /// Rows of the table that it names, as the engine counts them for its client: without those that triggers and foreign keys
  /// wrote. nil: not known.
  private(set) var rows: Int?
  /// Rows of which tables it writes; nil: it does something else too, or cannot be read.
  let rowWrites: [ScriptWrite]?

  package init(place: String, statement: Statement, rows: Int?) {
    self.place = place
    self.rows = rows
    intent = Intent(statements: [statement])
    let ofRows: WriteActions = [.insert, .update, .delete]
    let onlyRows = !statement.flags.contains(.unread) && statement.writes.allSatisfy { $0.actions.isSubset(of: ofRows) }
    rowWrites = onlyRows ? statement.writes : nil
  }

  /// Something that is no statement, such as a command: all that is said of it is what the whole part means.
  package init(place: String, intent: Intent) {
    (self.place, self.intent, rows, rowWrites) = (place, intent, nil, nil)
  }

  /// Both together, under the place of the first.
  func adding(_ other: RanStatement) -> RanStatement {
    var sum = self
    sum.rows = if let rows, let more = other.rows { rows + more } else { nil }
    return sum
  }

  /// What both write can be told together: each excuses the same.
  func isLike(_ other: RanStatement) -> Bool { rowWrites != nil && rowWrites == other.rowWrites }
}

/// What a transaction did to each table between two moments, as the engine tells it. Where others write at the same time,
/// comparing the rows before and after cannot tell that.
package struct Evidence: Sendable, Equatable {
  /// Rows written by the transaction itself, by its triggers and cascades too.
  package struct WriteCounts: Sendable, Equatable {
    package var inserted: Int64 = 0
    var updated: Int64 = 0
    var deleted: Int64 = 0
    /// The table has another storage, made under this transaction's own lock: nobody else has written since, and the
    /// counts tell nothing, but the rows can be compared.
    var isRewritten = false

    var isNothing: Bool { self == WriteCounts() }
  }

  /// What statements did to a table beyond what they name: by a trigger, the action of a foreign key, or a rebuild.
  package struct Beyond: Sendable, Equatable {
    var deleted: Int64 = 0
    /// Rows inserted or updated.
    var changed: Int64 = 0
    /// It was emptied or made anew by a statement that does not name it.
    var isRewritten = false
    /// Statements that did it: "1.sql, line 3".
    var places: [String] = []
    /// In the engine's words.
    var reachedBy: String?

    /// How many rows of what a table lost it took.
    func lost(of change: RowChange) -> UInt64 {
      isRewritten ? change.lost : min(change.lost, UInt64(max(0, deleted)))
    }

    /// "ON DELETE CASCADE of posts.author, by 1.sql, line 3"
    var cause: String {
      let shown = places.prefix(3).joined(separator: "; ")
      let more = places.count > 3 ? " and \(Counted.text(places.count - 3, "other statement"))" : ""
      return (reachedBy ?? "a cascade, a trigger or a rebuild") + ", by \(shown)\(more)"
    }
  }

  private var counts: [TableName: WriteCounts] = [:]
  /// By table; none for tables to which nothing such was done.
  private(set) var beyond: [TableName: Beyond] = [:]

  package init() {}

  init(from: [TableFootprint], to: [TableFootprint]) {
    add([], from: from, to: to, tables: [])
  }

  /// nil: nothing is told of it.
  subscript(table: TableName) -> WriteCounts? { counts[table] }

  /// Adds what was done between two footprints.
  /// - Parameters:
  ///   - statements: all that ran between them; none: nobody asks whose doing it is.
  ///   - tables: of which the contract judges what is beyond.
  mutating func add(
    _ statements: [RanStatement], from: [TableFootprint], to: [TableFootprint], tables: [CatalogTable]
  ) {
    let earlier = Dictionary(from.map { ($0.tableName, $0) }, uniquingKeysWith: { first, _ in first })
    let judged =
      statements.isEmpty ? [:] : Dictionary(tables.map { ($0.tableName, $0) }, uniquingKeysWith: { a, _ in a })
    for now in to {
      let name = now.tableName
      guard let was = earlier[name] else {
        // A table that was not there before is wholly this transaction's. One that took a name is another one than before.
        counts[name] = WriteCounts(isRewritten: true)
        continue
      }
      // Whoever makes another storage keeps others off. Without such a lock somebody else did, e.g. to compact it.
      let isRewritten = now.storage != was.storage && now.blocks != .nothing
      let delta = now.written - was.written
      counts[name, default: WriteCounts()].add(delta, isRewritten: isRewritten)
      guard let table = judged[name], isRewritten || delta != WrittenRows() else { continue }
      note(table, delta, isRewritten: isRewritten, statements: statements, was: was, now: now)
    }
  }

  private mutating func note(
    _ table: CatalogTable, _ delta: WrittenRows, isRewritten: Bool, statements: [RanStatement], was: TableFootprint,
    now: TableFootprint
  ) {
    let actions = statements.reduce(into: WriteActions()) { $0.formUnion($1.intent.actions(on: table)) }
    var found = Beyond()
    if isRewritten {
      guard actions.isEmpty else { return }
      found.isRewritten = true
    } else {
      let own = now.own.map { $0 - (was.own ?? WrittenRows()) } ?? Self.own(delta, of: table, actions, statements)
      found.deleted = max(0, delta.deleted - own.deleted)
      // A trigger that fills in what a statement has written is what that statement does.
      if actions.isDisjoint(with: [.insert, .update]) {
        found.changed = max(0, delta.inserted - own.inserted) + max(0, delta.updated - own.updated)
      }
      guard found != Beyond() else { return }
    }
    var total = beyond[table.tableName] ?? Beyond()
    total.deleted += found.deleted
    total.changed += found.changed
    total.isRewritten = total.isRewritten || found.isRewritten
    total.reachedBy = now.reachedBy ?? was.reachedBy ?? total.reachedBy
    for statement in statements where total.places.last != statement.place { total.places.append(statement.place) }
    beyond[table.tableName] = total
  }

  /// What the statements wrote themselves, where the engine does not tell: all that they name. Of DELETEs, as many rows as
  /// they told their client, if it is one table that they name.
  private static func own(
    _ delta: WrittenRows, of table: CatalogTable, _ actions: WriteActions, _ statements: [RanStatement]
  ) -> WrittenRows {
    func named(_ action: WriteActions, _ rows: Int64) -> Int64 { actions.isDisjoint(with: action) ? 0 : rows }
    // A part of a table loses to another what an UPDATE moves.
    let isPart = !table.object.parent.isEmpty
    var own = WrittenRows(
      inserted: named(.insert, delta.inserted), updated: named(.update, delta.updated),
      deleted: named(isPart ? [.update, .delete] : .delete, delta.deleted))
    if !isPart, actions == .delete, statements.allSatisfy({ $0.rowWrites?.count == 1 && $0.rows != nil }) {
      own.deleted = min(own.deleted, statements.reduce(0) { $0 + Int64($1.rows ?? 0) })
    }
    return own
  }

  /// Tables that were written at all.
  var written: Set<TableName> { Set(counts.filter { !$0.value.isNothing }.keys) }

  /// Tables that have another storage than before: of their rows the counts tell nothing.
  var rewritten: Set<TableName> { Set(counts.filter { $0.value.isRewritten }.keys) }

  /// Tables whose rows must be read again. All others hold what they held before, but for what others wrote.
  func touched(before: Catalog, after: Catalog) -> Set<TableName> {
    let earlier = Dictionary(before.tables.map { ($0.tableName, $0) }, uniquingKeysWith: { first, _ in first })
    var touched: Set<TableName> = []
    for table in after.tables where table.hasRows {
      let name = table.tableName
      guard let was = earlier[name] else {
        touched.insert(name)
        continue
      }
      let isWritten = counts[name].map { !$0.isNothing } ?? !table.flags.contains(.internal)
      if isWritten || !table.hasSameStoredColumns(as: was) { touched.insert(name) }
    }
    return touched
  }
}

extension Evidence.WriteCounts {
  fileprivate mutating func add(_ rows: WrittenRows, isRewritten: Bool) {
    inserted += max(0, rows.inserted)
    updated += max(0, rows.updated)
    deleted += max(0, rows.deleted)
    self.isRewritten = self.isRewritten || isRewritten
  }
}

extension TableFootprint {
  fileprivate var written: WrittenRows { WrittenRows(inserted: inserted, updated: updated, deleted: deleted) }
}

extension WrittenRows {
  /// What came since; a table made anew under its old name is counted from zero.
  fileprivate static func - (now: WrittenRows, was: WrittenRows) -> WrittenRows {
    WrittenRows(
      inserted: max(0, now.inserted - was.inserted), updated: max(0, now.updated - was.updated),
      deleted: max(0, now.deleted - was.deleted))
  }
}

extension CatalogTable {
  /// Equal digests mean equal rows only where this holds.
  func hasSameStoredColumns(as other: CatalogTable) -> Bool {
    storedColumns.elementsEqual(other.storedColumns) { $0.name == $1.name && $0.definition == $1.definition }
  }
}
