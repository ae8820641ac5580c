import BelayRows
import CBelayDriver

/// The host's end of a rowsink. It checks all input: a batch that breaks the rules ends the call, and is not passed to
/// a closure.
final class RowReceiver {
  /// The error of a closure: rethrown after the call, whatever the driver returned.
  private(set) var failure: (any Error)?
  /// The rule that the driver broke.
  private(set) var defect: String?
  private var width: UInt32?
  /// Not even columns came yet.
  var isUntouched: Bool { width == nil && failure == nil && defect == nil }
  private let columns: ([ResultColumn]) throws -> Void
  private let rows: (belay_batch) throws -> Void

  init(columns: @escaping ([ResultColumn]) throws -> Void, rows: @escaping (belay_batch) throws -> Void) {
    self.columns = columns
    self.rows = rows
  }

  /// Lends the sink for the length of body.
  func withSink<R>(_ body: (UnsafePointer<belay_rowsink>) -> R) -> R {
    var sink = belay_rowsink(
      ctx: Unmanaged.passUnretained(self).toOpaque(),
      columns: { context, columns, count in RowReceiver.from(context).take(columns: columns, count) },
      rows: { context, batch in RowReceiver.from(context).take(batch) })
    return withExtendedLifetime(self) { withUnsafePointer(to: &sink, body) }
  }

  /// Call this when the driver reports success: a result has columns, even if it has no rows.
  func finish() {
    if width == nil, failure == nil, defect == nil { defect = "it ended a result without passing its columns" }
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> RowReceiver {
    guard let context else { preconditionFailure("a driver lost the context of its rowsink") }
    return Unmanaged<RowReceiver>.fromOpaque(context).takeUnretainedValue()
  }

  private func take(columns described: UnsafePointer<belay_column>?, _ count: UInt32) -> Int32 {
    guard failure == nil, defect == nil else { return Self.stop }
    guard width == nil else { return broken("it passed the columns of a result twice") }
    guard count == 0 || described != nil, count <= Border.mostColumns else {
      return broken("it passed \(count) columns at NULL")
    }
    var columns: [ResultColumn] = []
    columns.reserveCapacity(Int(count))
    for column in UnsafeBufferPointer(start: described, count: Int(count)) {
      guard let name = column.name.text, let type = column.native_type.text else {
        return broken("the name of column \(columns.count + 1) is not UTF-8")
      }
      columns.append(ResultColumn(name, nativeType: type))
    }
    width = count
    return run { try self.columns(columns) }
  }

  private func take(_ batch: UnsafePointer<belay_batch>?) -> Int32 {
    guard failure == nil, defect == nil else { return Self.stop }
    guard let width else { return broken("it passed rows before columns") }
    guard let batch = batch?.pointee else { return broken("it passed a batch that is NULL") }
    if let flaw = batch.flaw(width: width) { return broken(flaw) }
    return run { try self.rows(batch) }
  }

  private func run(_ closure: () throws -> Void) -> Int32 {
    do {
      try closure()
      return Int32(BELAY_OK)
    } catch {
      failure = error
      return Self.stop
    }
  }

  private func broken(_ defect: String) -> Int32 {
    self.defect = defect
    return Self.stop
  }

  /// The code that the driver must return unchanged. One of the table's, so that it does not confuse a driver that maps
  /// codes to its own.
  private static let stop = Int32(BELAY_E_CANCELLED)
}

extension belay_batch {
  /// The rule that this batch breaks, in a result with that many columns; nil if none.
  fileprivate func flaw(width: UInt32) -> String? {
    guard ncols == width else { return "it passed a batch with \(ncols) columns in a result with \(width)" }
    guard nrows <= Border.mostRows else { return "it passed a batch of \(nrows) rows" }
    let count = Int(nrows) * Int(ncols)
    guard count > 0 else { return nil }
    guard let cells else { return "it passed a batch of \(nrows) rows with cells at NULL" }
    var index = 0
    while index < count {
      let type = cells[index].type
      if type > CellType.native { return "it passed a cell of the unknown type \(type)" }
      if type >= CellType.text {
        let length = cells[index].len
        if length > Border.longestValue { return "it passed a value of \(length) bytes" }
        if length > 0, cells[index].v.ptr == nil { return "it passed a value of \(length) bytes at NULL" }
      }
      index += 1
    }
    return nil
  }
}
