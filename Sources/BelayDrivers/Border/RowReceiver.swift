import BelayRows
import CBelayDriver

/// The host's end of a rowsink. It trusts nothing that comes in: a batch that breaks the rules ends the call, and no
/// closure sees it.
final class RowReceiver {
  /// What a closure threw: rethrown after the call, whatever the driver returned.
  private(set) var failure: (any Error)?
  /// Which rule the driver broke.
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

  /// To be called when the driver says that all went well: a result has columns, even without rows.
  func finish() {
    if width == nil, failure == nil, defect == nil { defect = "it ended a result without giving its columns" }
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> RowReceiver {
    guard let context else { preconditionFailure("a driver lost the context of its rowsink") }
    return Unmanaged<RowReceiver>.fromOpaque(context).takeUnretainedValue()
  }

  private func take(columns described: UnsafePointer<belay_column>?, _ count: UInt32) -> Int32 {
    guard failure == nil, defect == nil else { return Self.stop }
    guard width == nil else { return broken("it gave a result's columns twice") }
    guard count == 0 || described != nil, count <= Border.mostColumns else {
      return broken("it gave \(count) columns without saying which")
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
    guard let width else { return broken("it gave rows before their columns") }
    guard let batch = batch?.pointee else { return broken("it gave a batch that is NULL") }
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

  /// What the driver is to hand on. From the table, so that a driver that maps codes to its own does not stumble.
  private static let stop = Int32(BELAY_E_CANCELLED)
}

extension belay_batch {
  /// Which rule this batch breaks, in a result of that many columns; nil where none.
  fileprivate func flaw(width: UInt32) -> String? {
    guard ncols == width else { return "it gave a batch of \(ncols) columns in a result of \(width)" }
    guard nrows <= Border.mostRows else { return "it gave a batch of \(nrows) rows" }
    let count = Int(nrows) * Int(ncols)
    guard count > 0 else { return nil }
    guard let cells else { return "it gave a batch of \(nrows) rows without cells" }
    var index = 0
    while index < count {
      let type = cells[index].type
      if type > CellType.native { return "it gave a cell of type \(type), which does not exist" }
      if type >= CellType.text {
        let length = cells[index].len
        if length > Border.longestValue { return "it gave a value of \(length) bytes" }
        if length > 0, cells[index].v.ptr == nil { return "it gave a value of \(length) bytes at NULL" }
      }
      index += 1
    }
    return nil
  }
}
