import BelayDriverKit
import CSQLite
import Glibc

/// Counts the rows that the open transaction of a handle writes, and tells those that its statements write themselves from
/// those that triggers and the actions of foreign keys write. SQLite calls it for every row.
///
/// While it counts, `DELETE` without a condition deletes row by row: SQLite calls nobody for a table that it empties at once.
package final class RowCounter {
  package struct Counts: Sendable, Equatable {
    package var all = WrittenRows()
    package var own = WrittenRows()

    /// None.
    package init() {}
  }

  private unowned let database: Database
  private var isCounting = false
  private var places: [String: Int] = [:]
  private var counts: [Counts] = []
  /// The table of the last call, by SQLite's own copy of its name: a statement writes many rows of few tables.
  private var lastName: UnsafePointer<CChar>?
  private var lastPlace = 0
  /// The tables after the last statement, with the page at which each begins.
  private var roots: [String: Int64] = [:]
  private var schemaVersion: Int64?
  /// How often a table of a name was dropped or renamed: another one may begin at the same page.
  private var ends: [String: Int] = [:]
  /// As they were before the statement that runs.
  private var countsBefore: [Counts] = []
  /// The statement that runs deletes all rows of a table, as it says: also those that the table's own foreign key takes
  /// first. nil: it does not; -1: which table is not known yet.
  private var emptied: Int?
  /// Why it does not know what was written.
  private var failure: DriverFailure?

  package init(_ database: Database) { self.database = database }

  /// Whether this library tells of rows at all.
  package static var isPossible: Bool { belay_sqlite3_has_preupdate_hook() != 0 }

  /// Rows of a table that the open transaction has written.
  package subscript(table: String) -> Counts { places[table].map { counts[$0] } ?? Counts() }

  /// Tables of which rows were written.
  package var tables: Set<String> { Set(places.filter { counts[$0.value].all != WrittenRows() }.keys) }

  /// Tables that were made, renamed or made anew since the transaction began.
  package private(set) var made: Set<String> = []

  /// Differs between tables that have one name after the other.
  package func storage(of table: String, root: Int64) -> String { "\(root).\(ends[table] ?? 0)" }

  /// Throws if rows may have been written that were not counted.
  package func check() throws(DriverFailure) {
    if let failure { throw failure }
  }

  /// To be called before every statement of the host's.
  package func statementBegins(_ kind: StatementKind = .other) {
    countsBefore = counts
    emptied = kind == .deletionOfAll ? -1 : nil
    // Once the schema is read, it is too late for a PRAGMA that says how a new database is stored.
    guard isCounting, schemaVersion == nil, kind != .pragma else { return }
    do throws(DriverFailure) {
      schemaVersion = try database.integer("PRAGMA main.schema_version")
      roots = try readRoots()
    } catch {
      failure = failure ?? error
    }
  }

  /// To be called after every statement of the host's: begins with a transaction, ends with it, and follows the names of
  /// tables.
  /// - Parameter failed: SQLite has undone what it had written.
  package func statementEnded(failed: Bool = false) {
    lastName = nil
    if failed {
      places = places.filter { $0.value < countsBefore.count }
      counts = countsBefore
    }
    countsBefore = []
    guard !database.isAutocommit else { return stop() }
    do throws(DriverFailure) {
      if isCounting { try followSchema() } else { start() }
    } catch {
      failure = failure ?? error
    }
  }

  private func start() {
    guard Self.isPossible else { return }
    isCounting = true
    sqlite3_preupdate_hook(
      database.handle,
      { context, handle, operation, schema, table, _, _ in
        guard let context, let schema, let table else { return }
        let counter = Unmanaged<RowCounter>.fromOpaque(context).takeUnretainedValue()
        counter.count(operation, schema, table, isOwn: sqlite3_preupdate_depth(handle) == 0)
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  private func stop() {
    guard isCounting else { return }
    sqlite3_preupdate_hook(database.handle, nil, nil)
    isCounting = false
    (places, counts, ends, made, schemaVersion, failure) = ([:], [], [:], [], nil, nil)
  }

  private func count(
    _ operation: Int32, _ schema: UnsafePointer<CChar>, _ table: UnsafePointer<CChar>, isOwn: Bool
  ) {
    if table != lastName {
      // A temporary table may have the name of another.
      guard strcmp(schema, "main") == 0 else { return }
      lastPlace = place(of: String(cString: table))
      lastName = table
    }
    switch operation {
    case SQLITE_INSERT:
      counts[lastPlace].all.inserted += 1
      if isOwn { counts[lastPlace].own.inserted += 1 }
    case SQLITE_UPDATE:
      counts[lastPlace].all.updated += 1
      if isOwn { counts[lastPlace].own.updated += 1 }
    default:
      if isOwn, emptied == -1 { emptied = lastPlace }
      counts[lastPlace].all.deleted += 1
      if isOwn || emptied == lastPlace { counts[lastPlace].own.deleted += 1 }
    }
  }

  private func place(of table: String) -> Int {
    if let place = places[table] { return place }
    places[table] = counts.count
    counts.append(Counts())
    return counts.count - 1
  }

  /// One statement makes, drops or renames. A renamed table keeps its page, and takes its counts along.
  private func followSchema() throws(DriverFailure) {
    guard let known = schemaVersion else { return }
    let version = try database.integer("PRAGMA main.schema_version")
    guard version != known else { return }
    schemaVersion = version
    let now = try readRoots()
    let made = Dictionary(
      now.filter { roots[$0.key] == nil }.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    for (name, root) in roots where now[name] == nil {
      ends[name, default: 0] += 1
      let place = places.removeValue(forKey: name)
      if let renamed = made[root] { places[renamed] = place }
    }
    self.made = self.made.filter { now[$0] != nil }.union(now.keys.filter { roots[$0] == nil })
    roots = now
  }

  private func readRoots() throws(DriverFailure) -> [String: Int64] {
    var roots: [String: Int64] = [:]
    try database.rows("SELECT name, rootpage FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0") {
      roots[$0.text(0) ?? ""] = $0.integer(1)
    }
    return roots
  }
}
