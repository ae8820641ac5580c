/// Rows in their order, to be pulled one by one. Used by one thread.
package protocol RowSource: AnyObject {
  /// nil: there are no more.
  func next() throws(SpillError) -> RowRecord?
}

/// Several of them as one.
final class MergedRows: RowSource {
  private struct Head {
    var row: RowRecord
    let source: any RowSource
  }

  /// A heap: no head comes before the one that it hangs from.
  private var heads: [Head] = []

  init(_ sources: [any RowSource]) throws(SpillError) {
    for source in sources {
      if let row = try source.next() { heads.append(Head(row: row, source: source)) }
    }
    for index in stride(from: heads.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  func next() throws(SpillError) -> RowRecord? {
    guard let first = heads.first else { return nil }
    if let row = try first.source.next() {
      heads[0].row = row
    } else {
      heads.swapAt(0, heads.count - 1)
      heads.removeLast()
    }
    if !heads.isEmpty { sink(0) }
    return first.row
  }

  private func sink(_ index: Int) {
    var index = index
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2] where child < heads.count {
        if heads[child].row.order(to: heads[least].row) < 0 { least = child }
      }
      guard least != index else { return }
      heads.swapAt(index, least)
      index = least
    }
  }
}
