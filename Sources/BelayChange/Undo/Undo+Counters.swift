import BelayABI
import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// Counters, such as sequences, which no ROLLBACK sets back.
extension Undo {
  /// What sets a counter, such as `setval`, takes effect at once and for good. One that stands before a key that it has
  /// given out would give it out again, so it is set to where it stood. One that has moved on stays: others may have used
  /// what it gave out.
  /// - Parameter state: what is in the database; afterwards with the counters as they are then.
  /// - Returns: what was set, for a sentence about the state; empty: nothing.
  func putBackCounters(
    in state: inout DatabaseState, to expected: DatabaseState, _ connection: Connection
  ) throws(BelayError) -> [String] {
    var told: [String] = []
    for list in state.catalog.tables {
      guard let rows = CounterRows(list), let before = expected.tables[list.tableName]?.counters else { continue }
      let behind = Counter.behind(state.tables[list.tableName]?.counters ?? [], before)
      guard !behind.isEmpty else { continue }
      var found = CounterCollector(list)
      do {
        try connection.load(rows.rows(behind), into: list, operation: context.unstoppable("setting counters"))
        try connection.read(list, operation: context.unstoppable("reading counters"), rows: { found?.add($0) })
      } catch {
        let wanted = behind.map { "\($0.name) to \($0.words)" }.joined(separator: ", ")
        throw BelayError(
          any: error, doing: "cannot set counters that the run has set back: \(wanted)", kind: .notRolledBack)
      }
      let present = found?.counters ?? []
      state.tables[list.tableName]?.counters = present
      // The digest is that of the values before they were set.
      if present == before { state.tables[list.tableName] = expected.tables[list.tableName] }
      let left = Counter.behind(present, before)
      guard left.isEmpty else {
        throw BelayError(
          .notRolledBack, "counters that the run has set back could not be set to where they stood",
          hint: "set them by hand: they would give out keys that are there already",
          causes: left.map { "\($0.name) stood at \($0.words)" })
      }
      told += behind.map { "\($0.name) is at \($0.words) again" }
    }
    return told
  }
}

extension Counter {
  /// Those of an earlier reading that a later one stands before.
  fileprivate static func behind(_ now: [Counter], _ earlier: [Counter]) -> [Counter] {
    let present = Dictionary(now.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    return earlier.filter { before in
      guard let counter = present[before.key], counter.step == before.step else { return false }
      return !counter.hasMovedOn(from: before)
    }
  }

  fileprivate var name: String { key.joined(separator: ".") }

  fileprivate var words: String { value.map(String.init) ?? "its start" }
}
