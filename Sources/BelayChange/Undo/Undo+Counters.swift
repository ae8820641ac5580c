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
      let names = behind.map { $0.key.joined(separator: ".") }.joined(separator: ", ")
      var found = CounterCollector(list)
      do {
        try connection.load(rows.rows(behind), into: list, operation: context.unstoppable("setting counters"))
        try connection.read(list, operation: context.unstoppable("reading counters"), rows: { found?.add($0) })
      } catch {
        throw BelayError(
          any: error, doing: "cannot set these counters to where they stood before the run: \(names)",
          kind: .notRolledBack)
      }
      let present = found?.counters ?? []
      state.tables[list.tableName]?.counters = present
      // The digest is that of the values before they were set.
      if present == before { state.tables[list.tableName] = expected.tables[list.tableName] }
      let left = Counter.behind(present, before)
      guard left.isEmpty else {
        throw BelayError(
          .notRolledBack, "these counters do not stand where they stood before the run",
          hint: "set them by hand: others would get keys that are there already",
          causes: left.map { "\($0.key.joined(separator: ".")) stood at \($0.words)" })
      }
      told += behind.map { "\($0.key.joined(separator: ".")) is at \($0.words) again" }
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

  fileprivate var words: String { value.map(String.init) ?? "its start" }
}
