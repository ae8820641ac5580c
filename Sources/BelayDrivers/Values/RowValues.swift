import BelayRows
import CBelayDriver

/// A few rows of values, as parameters of a call.
struct RowValues {
  private var cells = CellBuffer()
  private let width: Int

  /// Fails if the rows do not have the same number of values.
  init(_ rows: [[Value]]) throws(DriverError) {
    width = rows.first?.count ?? 0
    cells.reserve(cells: width * rows.count)
    for (index, row) in rows.enumerated() {
      guard row.count == width else {
        throw DriverError(
          .invalid,
          message: "row \(index + 1) of the parameters has \(row.count) values, but the first one has \(width)")
      }
      for value in row { cells.append(value) }
    }
  }

  /// Lends them while body runs.
  func withBatch<R>(_ body: (UnsafePointer<belay_batch>) -> R) -> R { cells.withBatch(columns: width, body) }
}
