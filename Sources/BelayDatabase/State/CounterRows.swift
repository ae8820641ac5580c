import BelayArchive
import BelayDrivers
import BelayRows

/// Counters as rows of the table in which an engine lists them, to be loaded there.
package struct CounterRows {
  private let places: [(Counter) -> Value]

  /// nil: it is another table, or has columns that no counter fills.
  package init?(_ table: CatalogTable) {
    guard CounterCollector(table) != nil else { return nil }
    var keys = 0
    var places: [(Counter) -> Value] = []
    for column in table.storedColumns {
      if column.flags.contains(.counter) {
        places.append { $0.value.map { .integer($0) } ?? .null }
      } else if column.flags.contains(.counterStep) {
        places.append { .integer($0.step) }
      } else if column.flags.contains(.primaryKey) {
        let place = keys
        places.append { $0.key.indices.contains(place) ? .text($0.key[place]) : .null }
        keys += 1
      } else {
        return nil
      }
    }
    self.places = places
  }

  package func rows(_ counters: [Counter]) -> [[Value]] {
    counters.map { counter in places.map { $0(counter) } }
  }
}
