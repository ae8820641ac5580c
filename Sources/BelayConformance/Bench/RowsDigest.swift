import BelayArchive
import BelayDrivers
import CBelayDriver

/// The rows of a table, and the values of each of its columns, in any order.
struct RowsDigest: Equatable {
  private var whole = TableDigest()
  private var columns: [(name: String, values: TableDigest)]

  init(_ table: CatalogTable) { columns = table.storedColumns.map { ($0.name, TableDigest()) } }

  var rows: UInt64 { whole.rows }

  mutating func add(_ batch: belay_batch) {
    whole.add(batch)
    guard let cells = batch.cells else { return }
    let width = Int(batch.ncols)
    for (index, column) in columns.indices.enumerated() where index < width {
      let values = (0..<Int(batch.nrows)).map { cells[$0 * width + index] }
      values.withUnsafeBufferPointer {
        columns[column].values.add(belay_batch(cells: $0.baseAddress, nrows: batch.nrows, ncols: 1, reserved: 0))
      }
    }
  }

  static func == (left: RowsDigest, right: RowsDigest) -> Bool { left.whole == right.whole }

  /// Of these rows, which are expected, and those that were found.
  func difference(from found: RowsDigest?) -> String {
    let counts = "\(found?.rows ?? 0) rows, \(rows) expected"
    guard let found, found.rows == rows else { return counts }
    let odd = columns.filter { column in
      !found.columns.contains { $0.name == column.name && $0.values == column.values }
    }.map(\.name)
    if odd.isEmpty { return "\(counts); each column has the expected values, but in other rows" }
    return "\(counts); other values are in \(odd.count == 1 ? "column" : "columns") \(odd.joined(separator: ", "))"
  }
}
