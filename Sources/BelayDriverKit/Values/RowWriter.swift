import BelayRows
import CBelayDriver

/// Where a query's rows go: `columns` once, then for each row its values in order and `endRow`.
///
/// Values are gathered into batches and handed to the host a few hundred KiB at a time. Bytes are copied into the
/// writer's own arena, because an engine's pointers mostly die at its next step; a large value can be lent instead.
public final class RowWriter {
  /// Small enough to stay in a core's cache while the host reads a batch several times over.
  @usableFromInline static let arenaCapacity = 256 << 10
  @usableFromInline static let cellsPerBatch = 8192

  private let sink: belay_rowsink
  // One thread writes at a time, and no access is held over a call to others: what the exclusivity checks would cost
  // here, some ten nanoseconds per value, buys nothing.
  @usableFromInline let arena: UnsafeMutableRawPointer
  @exclusivity(unchecked) @usableFromInline var arenaUsed = 0
  @exclusivity(unchecked) @usableFromInline var cells: UnsafeMutablePointer<belay_cell>
  @exclusivity(unchecked) @usableFromInline var cellCapacity = 0
  @exclusivity(unchecked) @usableFromInline var cellCount = 0
  /// The first cell of the row that is being written.
  @exclusivity(unchecked) @usableFromInline var rowStart = 0
  @exclusivity(unchecked) @usableFromInline var columnCount = 0
  /// Complete rows of a result that has no columns, and so no cells.
  @exclusivity(unchecked) @usableFromInline var bareRows: UInt64 = 0
  /// The rows must leave at the end of this one: something was lent that dies at the engine's next step, or did not
  /// fit the arena.
  @exclusivity(unchecked) @usableFromInline var mustFlush = false
  /// Values that did not fit the arena, until the next flush.
  private var overflow: [UnsafeMutableRawPointer] = []
  private(set) var hasColumns = false

  init(_ sink: belay_rowsink) {
    self.sink = sink
    arena = .allocate(byteCount: Self.arenaCapacity, alignment: 16)
    cells = .allocate(capacity: 0)
  }

  deinit {
    for block in overflow { block.deallocate() }
    arena.deallocate()
    cells.deallocate()
  }

  /// Tells the columns: once, before any row, also for a result of no rows.
  public func columns(_ columns: [ResultColumn]) throws(DriverFailure) {
    precondition(!hasColumns, "columns are told once")
    hasColumns = true
    columnCount = columns.count
    // Room for a batch and one row more: a row is never checked for space in its middle.
    cellCapacity = Self.cellsPerBatch + columns.count
    cells.deallocate()
    cells = .allocate(capacity: cellCapacity)
    let code = columns.flatMap { [$0.name, $0.nativeType] }.withBorrowed { strings in
      let described = (0..<columns.count).map { index in
        belay_column(
          name: strings[2 * index], native_type: strings[2 * index + 1], flags: 0, reserved: (0, 0, 0))
      }
      return described.withUnsafeBufferPointer { sink.columns(sink.ctx, $0.baseAddress, UInt32($0.count)) }
    }
    if code != 0 { throw .handedOn(code) }
  }

  /// Ends a row: as many values must have been written as there are columns.
  @inlinable
  public func endRow() throws(DriverFailure) {
    precondition(cellCount - rowStart == columnCount, "a row has as many values as columns were told")
    rowStart = cellCount
    if columnCount == 0 { bareRows += 1 }
    if mustFlush || cellCount >= Self.cellsPerBatch || arenaUsed > Self.arenaCapacity / 4 * 3 { try flush() }
  }

  /// Ends the result: what is left goes to the host. The kit calls it after the query.
  func finish() throws(DriverFailure) {
    guard hasColumns, cellCount == rowStart else {
      throw DriverFailure(.internal, "the driver told no columns, or left a row unfinished")
    }
    try flush()
  }

  /// Hands all complete rows to the host.
  @usableFromInline
  func flush() throws(DriverFailure) {
    let complete = rowStart
    if complete > 0 || bareRows > 0 {
      let rows = columnCount == 0 ? bareRows : UInt64(complete / columnCount)
      bareRows = 0
      var batch = belay_batch(
        cells: UnsafePointer(cells), nrows: rows, ncols: UInt32(columnCount), reserved: 0)
      let code = sink.rows(sink.ctx, &batch)
      if code != 0 { throw .handedOn(code) }
    }
    let begun = cellCount - complete
    if begun == 0 {
      arenaUsed = 0
      mustFlush = false
      for block in overflow { block.deallocate() }
      overflow.removeAll(keepingCapacity: true)
    } else if complete > 0 {
      // The begun row's bytes stay where they are; only its cells move to the front.
      cells.update(from: cells + complete, count: begun)
    }
    cellCount = begun
    rowStart = 0
  }

  /// Room for bytes of the row that is being written, when the arena has none left.
  @usableFromInline
  func spill(_ count: Int) throws(DriverFailure) -> UnsafeMutableRawPointer {
    // Complete rows go first, so that a batch is never much larger than its arena, or is one row.
    if rowStart > 0 { try flush() }
    if cellCount == 0, count <= Self.arenaCapacity {
      arenaUsed = count
      return arena
    }
    let block = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 16)
    overflow.append(block)
    mustFlush = true
    return block
  }
}
