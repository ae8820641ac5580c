import BelayArchive
import BelayDrivers
import BelayRows
import CBelayDriver

/// Takes the counters out of a table's rows while they go by.
package struct CounterCollector {
  private let keys: [Int]
  private let value: Int
  private let step: Int?
  /// Sorted: rows come in no order.
  package var counters: [Counter] { found.sorted { $0.key.lexicographicallyPrecedes($1.key) } }
  private var found: [Counter] = []

  /// nil: the table's rows are no counters.
  package init?(_ table: CatalogTable) {
    let columns = table.storedColumns
    guard table.holdsCounters, let value = columns.firstIndex(where: { $0.flags.contains(.counter) }) else {
      return nil
    }
    self.value = value
    step = columns.firstIndex { $0.flags.contains(.counterStep) }
    keys = columns.indices.filter { columns[$0].flags.contains(.primaryKey) }
  }

  package mutating func add(_ batch: belay_batch) {
    for row in batch.values {
      found.append(
        Counter(
          key: keys.map { row[$0].asText }, value: row[value].integer, step: step.map { row[$0].integer ?? 0 } ?? 1))
    }
  }
}
